/** A bijection of 32-bit words that leaves no trace of its argument's order (multiply, xor-shift, twice). */
function scramble(word: number): number {
  let x = word;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}

/** What names a mask, and what a device's kernel makes it from. */
export interface MaskName {
  /** 32-bit integer. */
  seed: number;
  /** 32-bit integer. */
  counter: number;
}

/** Two keys, one before and one within the hash: with one alone, the masks of two counters could be the same sequence shifted. */
export function maskKeys({ seed, counter }: MaskName): { first: number; second: number } {
  return {
    first: scramble(seed ^ scramble(counter | 0)),
    second: scramble(counter ^ scramble(seed ^ 0x5bd1e995)),
  };
}

/** Of the 65,536 values of an element's 16 bits, those below it drop it. @param rate in [0, 1) */
export const maskThreshold = (rate: number): number => Math.round(rate * 65536);

/**
 * A random mask that is a pure function of its arguments: a hash of (seed, counter, element).
 * @param size elements
 * @param rate share of zeros in [0, 1), rounded to a multiple of 2⁻¹⁶
 * @param seed 32-bit integer
 * @param counter 32-bit integer
 * @returns ones where an element is kept, zeros where it is dropped
 */
export function dropoutMask(size: number, { rate, ...name }: MaskName & { rate: number }): Uint8Array {
  const mask = new Uint8Array(size);
  const dropBelow = maskThreshold(rate);
  const { first, second } = maskKeys(name);
  for (let i = 0; i < size; i += 2) {
    // Two elements a word, 16 bits each.
    const word = scramble((scramble((i + first) | 0) + second) | 0);
    mask[i] = (word & 0xffff) < dropBelow ? 0 : 1;
    // Past the end of an odd mask this write does nothing.
    mask[i + 1] = word >>> 16 < dropBelow ? 0 : 1;
  }
  return mask;
}
