export interface RankedClass {
  class: string;
  /** 0 to 1. */
  probability: number;
}

/** The likeliest classes of one image, the first of equals first. */
export function ranked(
  probabilities: Float32Array,
  classNames: readonly string[],
  top: number = classNames.length,
): RankedClass[] {
  const order = classNames.map((_, c) => c).sort((a, b) => probabilities[b] - probabilities[a]);
  return order.slice(0, top).map((c) => ({ class: classNames[c], probability: probabilities[c] }));
}
