/** Lets whatever waits have its turn: signals in Node, messages in a browser's thread. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
