import type { Assembler } from './assembler.js';

/** An activation f of vectors of f32. What is not a number stays so. */
export interface ActivationCode {
  /** y ← f(z). Changes the spare vectors, of which there are five. */
  value: (code: Assembler, y: number, z: number, spare: readonly number[]) => void;
  /** slope ← f′(z). Changes the spare vectors, of which there are five. */
  slope: (code: Assembler, slope: number, z: number, spare: readonly number[]) => void;
}

/** Of results: about f32's, or some 1e-4, which bf16 has no room for. */
export type Precision = 'full' | 'half';

interface Exponent {
  readonly to: number;
  readonly from: number;
  readonly sign: 1 | -1;
}

/** Powers of two from −126 to 126 are normal numbers of f32; beyond these bounds e^x is as good as nothing or without end. */
const LARGEST = 86;

/** ln 2 as a number whose products with whole numbers are exact, and the rest. */
const LN2 = Math.round(Math.LN2 * 512) / 512;
const LN2_REST = Math.LN2 - LN2;

/** 1/7!, …, 1/0!: of e^x for |x| ≤ ln 2 / 2, where the next term is less than a rounding. */
const TERMS = [5040, 720, 120, 24, 6, 2, 1, 1].map((factorial) => 1 / factorial);

/** Terms that are left out. */
const OMITTED: Readonly<Record<Precision, number>> = { full: 0, half: 2 };

/** Bits of an f32 below its exponent. */
const FRACTION_BITS = 23;

/** to ← e^(sign·from): 2^n · e^(sign·from − n·ln 2), n whole. Changes three spare vectors, of which the first may be `from`. */
function exponential(
  code: Assembler,
  { to, from, sign }: Exponent,
  precision: Precision,
  [x, whole, asFloat]: readonly number[],
): void {
  code.atMost(x, from, LARGEST);
  code.atLeast(x, x, -LARGEST);
  code.scaleVector(whole, x, sign * Math.LOG2E);
  code.toIntegers(whole, whole);
  code.fromIntegers(asFloat, whole);
  code.addScaled(x, asFloat, -sign * LN2);
  code.addScaled(x, asFloat, -sign * LN2_REST);
  const signed = TERMS.map((term, i) => ((TERMS.length - 1 - i) % 2 === 0 ? term : sign * term));
  const [first, ...others] = signed.slice(OMITTED[precision]);
  code.loadConstant(to, first);
  for (const term of others) code.multiplyAdd(to, x, term);
  code.shiftLeft(whole, whole, FRACTION_BITS);
  code.addIntegers(to, to, whole);
}

/** to ← 1 / x */
function reciprocal(code: Assembler, to: number, x: number, precision: Precision): void {
  if (precision === 'half') {
    code.estimateReciprocal(to, x);
    return;
  }
  code.loadConstant(to, 1);
  code.divideVectors(to, to, x);
}

/** to ← 1 / (1 + e^−z). Changes four spare vectors, of which the first holds e^−z. */
function sigmoid(
  code: Assembler,
  to: number,
  z: number,
  precision: Precision,
  [power, ...spare]: readonly number[],
): void {
  const [sum] = spare;
  exponential(code, { to: power, from: z, sign: -1 }, precision, spare);
  code.addConstant(sum, power, 1);
  reciprocal(code, to, sum, precision);
}

/** z·σ(z) */
const silu = (precision: Precision): ActivationCode => ({
  value(code, y, z, spare) {
    sigmoid(code, y, z, precision, spare);
    code.multiplyVectors(y, y, z);
  },
  // σ·(1 + z·(1 − σ)), and 1 − σ is e^−z·σ, without loss of digits where σ is nearly 1.
  slope(code, slope, z, spare) {
    const [other] = spare;
    sigmoid(code, slope, z, precision, spare);
    code.multiplyVectors(other, other, slope);
    code.multiplyAdd(other, z, 1);
    code.multiplyVectors(slope, slope, other);
  },
});

/** Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26: 1 − erf(u) = (a₁t + … + a₅t⁵)·e^−u², t = 1/(1 + p·u), to 1.5e-7. */
const [P, A] = [0.3275911, [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592]];

/** tail ← Φ(−|z|), density ← e^(−z²/2). Changes three spare vectors, of which the first holds |z|. */
function normalTail(
  code: Assembler,
  { tail, density, z }: { tail: number; density: number; z: number },
  precision: Precision,
  [size, t, other]: readonly number[],
): void {
  code.multiplyVectors(other, z, z);
  code.scaleVector(other, other, 0.5);
  exponential(code, { to: density, from: other, sign: -1 }, precision, [other, size, t]);
  code.scaleVector(size, z, -1);
  code.largerVectors(size, size, z);
  code.scaleVector(other, size, P / Math.SQRT2);
  code.addConstant(other, other, 1);
  reciprocal(code, t, other, precision);
  const [first, ...others] = A.map((a) => a / 2);
  code.loadConstant(tail, first);
  for (const a of others) code.multiplyAdd(tail, t, a);
  code.multiplyVectors(tail, tail, t);
  code.multiplyVectors(tail, tail, density);
}

/** z·Φ(z) */
const gelu = (precision: Precision): ActivationCode => ({
  // max(z, 0) − |z|·Φ(−|z|)
  value(code, y, z, [tail, density, ...spare]) {
    const [size] = spare;
    normalTail(code, { tail, density, z }, precision, spare);
    code.multiplyVectors(tail, tail, size);
    code.zeroVector(y);
    code.largerVectors(y, y, z);
    code.subtractVectors(y, y, tail);
  },
  // ½ + sign(z)·(½ − Φ(−|z|)) + z·φ(z)
  slope(code, slope, z, [tail, density, ...spare]) {
    const [sign] = spare;
    normalTail(code, { tail, density, z }, precision, spare);
    code.scaleVector(tail, tail, -1);
    code.addConstant(tail, tail, 0.5);
    // Between ±1e-30 both factors are nearly 0.
    code.scaleVector(sign, z, 1e30);
    code.atMost(sign, sign, 1);
    code.atLeast(sign, sign, -1);
    code.loadConstant(slope, 0.5);
    code.addProduct(slope, sign, tail);
    code.scaleVector(density, density, 1 / Math.sqrt(2 * Math.PI));
    code.addProduct(slope, density, z);
  },
});

/** @param name as tfjs has it */
export const activationCode = (name: 'gelu' | 'swish', precision: Precision): ActivationCode =>
  name === 'gelu' ? gelu(precision) : silu(precision);
