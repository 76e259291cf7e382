/** What a network takes for black and white. */
export const RANGES = { '0..1': [0, 1], '0..255': [0, 255], '-1..1': [-1, 1] } as const;

export type InputRange = keyof typeof RANGES;
