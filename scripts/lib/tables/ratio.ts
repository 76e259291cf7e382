/** Our speed over another program's. */
export interface Ratio {
  /** The median of its rounds. */
  ratio: number;
  /** Of each. */
  ratios: number[];
}

export const times = (ratio: number): string => `${ratio.toFixed(2)} ×`;

/** The median, and the least and the largest. */
export function range({ ratio, ratios }: Ratio): string {
  return `**${times(ratio)}** (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`;
}
