/** Terms of the continued fraction, more than it needs for arguments up to some ten thousand. */
const MAX_TERMS = 10_000;

/** What stands for 0 where a term would divide by it (Lentz). */
const TINY = 1e-300;

/** ln Γ(x) for x > 0, to about 1e-15 (Lanczos's approximation, g = 7, nine terms). */
export function logGamma(x: number): number {
  const coefficients = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x + 6.5;
  const series = coefficients.reduce((sum, c, i) => (i === 0 ? c : sum + c / (x + i - 1)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(shifted) - shifted + Math.log(series);
}

/**
 * Regularised incomplete beta function I_x(a, b), the distribution function of Beta(a, b); by its continued fraction (Abramowitz and
 * Stegun 1964, 26.5.8, evaluated as Lentz does).
 * @param a above 0
 * @param b above 0
 * @param x in [0, 1]
 */
export function incompleteBeta(a: number, b: number, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // Where the fraction converges slowly, the other tail's is taken.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(b, a, 1 - x);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  let numerator = 1;
  let denominator = 1 / guarded(1 - ((a + b) * x) / (a + 1));
  let fraction = denominator;
  for (let m = 1; m <= MAX_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let factor = 1;
    for (const term of [even, odd]) {
      denominator = 1 / guarded(1 + term * denominator);
      numerator = guarded(1 + term / numerator);
      factor = denominator * numerator;
      fraction *= factor;
    }
    if (Math.abs(factor - 1) < 1e-15) break;
  }
  return (front * fraction) / a;
}

function guarded(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}
