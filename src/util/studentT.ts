import { incompleteBeta } from './incompleteBeta.js';

/**
 * Probability that Student's t is above a value.
 * @param degrees of freedom, above 0; need not be whole
 */
export function studentAbove(t: number, degrees: number): number {
  const tail = incompleteBeta(degrees / 2, 0.5, degrees / (degrees + t * t)) / 2;
  return t >= 0 ? tail : 1 - tail;
}

/**
 * The value that Student's t is above with a probability.
 * @param probability in (0, ½]
 * @param degrees of freedom, above 0
 */
export function studentQuantile(probability: number, degrees: number): number {
  let [low, high] = [0, 1];
  while (studentAbove(high, degrees) > probability) high *= 2;
  for (let i = 0; i < 200 && high - low > 1e-13 * high; i++) {
    const middle = (low + high) / 2;
    if (studentAbove(middle, degrees) > probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
