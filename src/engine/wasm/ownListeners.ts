const EVENTS = ['uncaughtException', 'unhandledRejection'] as const;

/**
 * Runs something and takes away the listeners that it has put on the process: the module's loader adds one for each kind of lost
 * error, which does what Node does without it, and hides from others that nobody handles them.
 */
export async function withoutNewListeners<T>(run: () => Promise<T>): Promise<T> {
  const before = EVENTS.map((event) => new Set(process.listeners(event as 'uncaughtException')));
  try {
    return await run();
  } finally {
    EVENTS.forEach((event, i) => {
      for (const listener of process.listeners(event as 'uncaughtException')) {
        if (!before[i].has(listener)) process.off(event, listener);
      }
    });
  }
}
