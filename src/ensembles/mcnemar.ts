import { incompleteBeta } from '../util/incompleteBeta.js';

/** Two classifiers on the same images. */
export interface McNemar {
  /** Images that only the first answers rightly, and only the second. */
  onlyFirst: number;
  onlySecond: number;
  /** Two-sided p of a split at least as uneven where both are equally good; exact, by the binomial distribution (McNemar 1947). */
  p: number;
}

/**
 * @param first, second answers, a class an image
 * @param labels the images' classes
 */
export function mcnemar(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  labels: ArrayLike<number>,
): McNemar {
  let [onlyFirst, onlySecond] = [0, 0];
  for (let i = 0; i < labels.length; i++) {
    const [a, b] = [first[i] === labels[i], second[i] === labels[i]];
    if (a && !b) onlyFirst++;
    if (b && !a) onlySecond++;
  }
  const [few, all] = [Math.min(onlyFirst, onlySecond), onlyFirst + onlySecond];
  // P(X ≤ few) of Binomial(all, ½) is I_½(all − few, few + 1).
  const p = all === 0 ? 1 : Math.min(1, 2 * incompleteBeta(all - few, few + 1, 0.5));
  return { onlyFirst, onlySecond, p };
}
