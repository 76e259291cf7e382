import { dirname } from 'node:path';
import type { ImageSet } from '../dataset/imageSet.js';
import { writeNpy } from '../io/npy.js';
import type { EnsembleResult } from '../ensembles/averaging.js';
import { accuracyByCountChart } from '../plots/ensembleCurve.js';
import { savePicture } from '../plots/savePicture.js';
import { ensureFolder, writeFileAtomic } from '../util/files.js';
import { percent } from '../util/percent.js';
import { ensembleTemperatureOf } from '../evaluation/predictionFile.js';
import { meanCertainty } from './certainty.js';
import { formatTable, print, printJson, printProgress } from './output.js';

/** Prints what came out, then saves the averaged array, its JSON and the picture of accuracy by size. */
export async function reportEnsemble(
  result: EnsembleResult,
  { count, labels }: Pick<ImageSet, 'count' | 'labels'>,
  out: string,
  asJson: boolean,
): Promise<void> {
  const { probabilities, ...figures } = result;
  const base = out.replace(/\.npy$/i, '');
  if (asJson) printJson({ ...figures, predictions: `${base}.npy` });
  else {
    printEnsemble(result);
    for (const line of meanCertainty(probabilities, labels, temperatureOf(result))) print(line);
  }
  ensureFolder(dirname(out));
  writeNpy(`${base}.npy`, probabilities, [count, probabilities.length / count]);
  writeFileAtomic(`${base}.json`, `${JSON.stringify(figures, null, 2)}\n`);
  const picture = await accuracyByCountChart({
    title: 'Accuracy by number of members',
    countTitle: 'members averaged',
    accuracies: result.accuracyBySize,
    reference: { label: 'mean member', accuracy: result.meanAccuracy },
  });
  const { png } = savePicture(base, picture);
  printProgress(`Averaged predictions ${base}.npy, picture ${png}`);
}

/** What is known of a plain mean's temperature. */
function temperatureOf({ mean, members }: EnsembleResult): number | undefined {
  const isPlain = mean === 'arithmetic' && members.length > 1 && members.every(({ weight }) => weight === 1);
  return isPlain ? ensembleTemperatureOf(members.map(({ path }) => path)) : undefined;
}

function printEnsemble(result: EnsembleResult): void {
  const { members, disagreement } = result;
  const rows = members.map(({ name, accuracy, weight }, i) => {
    const others = disagreement[i].filter((_, j) => j !== i);
    const apart =
      others.length > 0 ? percent(others.reduce((sum, share) => sum + share, 0) / others.length) : '–';
    return [name, percent(accuracy), String(weight), apart];
  });
  for (const line of formatTable(['member', 'accuracy', 'weight', 'disagrees with others'], rows))
    print(line);
  print();
  print(`mean of the members  ${percent(result.meanAccuracy)}`);
  if (members.length > 1) {
    print();
    print('Pairwise disagreement');
    const table = disagreement.map((row, i) => [members[i].name, ...row.map((share) => percent(share, 1))]);
    for (const line of formatTable(['', ...members.map(({ name }) => name)], table)) print(line);
    print();
    const sizes = result.accuracyBySize.map((accuracy, i) => [String(i + 1), percent(accuracy)]);
    for (const line of formatTable(['members', 'mean accuracy of ensembles of that size'], sizes))
      print(line);
    print();
  }
  print(`ensemble of ${members.length} (${result.mean} mean): ${percent(result.accuracy)}`);
}
