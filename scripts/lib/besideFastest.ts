import { median } from '../../src/util/statistics.js';
import { rounded } from './rounded.js';
import type { Figure } from './results.js';

/** Seconds of each contestant's turns, by name; the n-th of all were taken one after another. */
type Turns = ReadonlyMap<string, readonly number[]>;

/** Turn by turn, the other's seconds over one's own. */
export const ratiosOf = (other: readonly number[], own: readonly number[]): number[] =>
  own.map((seconds, i) => other[i] / seconds);

/**
 * One's own speed beside that of the fastest of several ways to run a peer.
 * @param images of a turn
 */
export function besideFastest(
  turns: Turns,
  own: string,
  ways: readonly string[],
  images: number,
): { [name: string]: Figure; fastestWay: string } {
  const of = (name: string): readonly number[] => turns.get(name) ?? [];
  const [fastestWay] = ways.toSorted((a, b) => median(of(a)) - median(of(b)));
  const ratios = ratiosOf(of(fastestWay), of(own));
  return {
    imagesPerSecond: rounded(images / median(of(own)), 1),
    peerImagesPerSecond: rounded(images / median(of(fastestWay)), 1),
    fastestWay,
    ratio: rounded(median(ratios)),
    ratios: ratios.map((ratio) => rounded(ratio)),
  };
}
