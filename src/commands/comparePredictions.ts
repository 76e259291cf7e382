import type { LabelSet } from '../dataset/imageSet.js';
import { mcnemar } from '../ensembles/mcnemar.js';
import { readMember } from '../ensembles/members.js';
import { accuracyOf, argMaxRows } from '../evaluation/metrics.js';
import { SHOWN } from '../experiments/significance.js';
import { grouped } from '../util/grouped.js';
import { percent } from '../util/percent.js';
import { probability } from '../util/probability.js';
import { formatTable, print, printJson } from './output.js';

/**
 * Prints which of two prediction arrays is better, and whether that is more than chance.
 * @throws CifarError as `readMember` does
 */
export function comparePredictions(paths: readonly string[], test: LabelSet, asJson: boolean): void {
  const { labels, dataset } = test;
  const members = paths.map((path) => readMember(path, test));
  const accuracies = members.map(({ probabilities }) => accuracyOf(probabilities, labels));
  const [first, second] = members.map(({ probabilities }) =>
    argMaxRows(probabilities, dataset.classNames.length),
  );
  const { onlyFirst, onlySecond, p } = mcnemar(first, second, labels);
  if (asJson) {
    const files = members.map(({ path }, i) => ({ path, accuracy: accuracies[i] }));
    printJson({ files, images: labels.length, onlyFirst, onlySecond, p });
    return;
  }
  const counts = [onlyFirst, onlySecond].map(grouped);
  const rows = members.map(({ name }, i) => [name, percent(accuracies[i]), counts[i]]);
  for (const line of formatTable(['array', 'accuracy', 'right, and the other wrong'], rows)) print(line);
  const better = members[accuracies[0] >= accuracies[1] ? 0 : 1].name;
  const verdict = p < SHOWN ? `${better} is better` : 'no difference is shown';
  print(
    `${verdict}: ${probability(p)} (McNemar's test, exact, two-sided; shown is p < ${SHOWN}) on ${grouped(labels.length)} images`,
  );
}
