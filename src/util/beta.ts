import type { Rng } from './rng.js';

/** A draw from Gamma(shape, 1), shape at least 1 (Marsaglia and Tsang, 2000: rejection from a cubed normal). */
function gamma(shape: number, rng: Rng): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = rng.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - rng.next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/**
 * A draw from the symmetric Beta(α, α), a ratio of gammas: in [0, 1], mean ½, variance 1 / (8α + 4). Uses a varying
 * count of the generator's numbers.
 * @param alpha above 0; 1 is uniform, below 1 the ends are likelier than the middle
 */
export function symmetricBeta(alpha: number, rng: Rng): number {
  if (alpha >= 1) {
    const a = gamma(alpha, rng);
    return a / (a + gamma(alpha, rng));
  }
  // Gamma(α) is Gamma(α + 1) · U^(1/α), which underflows when α is small, so that the ratio is taken of logarithms.
  const logA = Math.log(gamma(alpha + 1, rng));
  const logB = Math.log(gamma(alpha + 1, rng));
  const logU = Math.log(1 - rng.next()) - Math.log(1 - rng.next());
  return 1 / (1 + Math.exp(logB - logA - logU / alpha));
}
