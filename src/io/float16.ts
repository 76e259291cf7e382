/** IEEE 754 half-precision numbers: 1 sign bit, 5 exponent bits (bias 15), 10 mantissa bits. */

const word = new Uint32Array(1);
const single = new Float32Array(word.buffer);

/** The value of 16 bits read as a half-precision number. */
export function float16ToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 0x1f) return mantissa === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

/**
 * The half-precision bits nearest to a float32 value, ties to even. Values of magnitude 65520 and above become
 * infinite, those under 2^-25 zero.
 */
export function float32ToFloat16(value: number): number {
  single[0] = value;
  const bits = word[0];
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Below the smallest normal half: the result counts steps of 2^-24, which float32 arithmetic gives exactly.
    const steps = Math.abs(single[0]) * 2 ** 24;
    const floor = Math.floor(steps);
    const rest = steps - floor;
    return sign | (floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0));
  }
  // Rebias the exponent from 127 to 15, then round away 13 bits; a carry into the exponent is what it should be.
  const rebased = magnitude - (112 << 23);
  return sign | ((rebased + 0xfff + ((rebased >>> 13) & 1)) >>> 13);
}
