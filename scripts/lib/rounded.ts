/** A figure to be kept, without digits that mean nothing. */
export const rounded = (value: number, digits = 3): number => Number(value.toFixed(digits));
