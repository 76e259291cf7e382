import { NOTABLE_CORES, type RunRecord } from '../runs/runRecord.js';
import type { RunFolder } from '../runs/runFolder.js';
import { formatDuration } from '../util/duration.js';
import { percent } from '../util/percent.js';
import { grouped } from '../util/grouped.js';

const HOW: Partial<Record<RunRecord['status'], string>> = {
  'stopped-early': 'stopped early',
  'out-of-time': 'stopped, its time used up',
};

/**
 * What a training came to, what that means, and what to do next.
 * @param classes of the data set, of which guessing hits one
 * @param runName what other commands find the run by
 * @param diagnosis a sentence on how it went, where there is one
 */
export function resultLines(
  folder: RunFolder,
  record: RunRecord,
  classes: number,
  runName: string,
  diagnosis?: string,
): string[] {
  const { last, best, tta, status, validationImages } = record;
  const images = measuredImages(record);
  const lines = [
    `Training ${HOW[status] ?? 'finished'} after ${formatDuration(record.trainingSeconds)}${sharing(record)}, ${record.petaflop.toPrecision(3)} PFLOP (10¹⁵ operations).`,
  ];
  if (last !== undefined) {
    lines.push(
      `Result: accuracy ${percent(last.accuracy)} on ${images} after epoch ${last.epoch + 1}, the last (guessing gives ${percent(1 / classes, 0)}); loss ${last.loss.toFixed(4)}`,
    );
    if (isGuessing(last.accuracy, validationImages, classes)) {
      lines.push(
        'That is no better than guessing: this training has learned nothing yet. Try more --epochs or images; if its loss rose or stood still, another --learning-rate.',
      );
    }
  }
  if (tta !== undefined) {
    lines.push(
      `With several views of each image averaged (${tta.preset}): accuracy ${percent(tta.accuracy)}, loss ${tta.loss.toFixed(4)}`,
    );
  }
  if (best !== undefined && best.epoch !== last?.epoch) {
    lines.push(
      `Best epoch (${best.epoch + 1}, chosen on these same images, so a little flattered): accuracy ${percent(best.accuracy)}`,
    );
  }
  return [
    ...lines,
    ...(diagnosis === undefined ? [] : [diagnosis]),
    `Models, history and curves are in ${folder.path}`,
    'Next:',
    `  cifar evaluate ${runName}   each class, what is taken for what, how sure it is`,
    `  cifar tta ${runName}   several looks at each image, averaged`,
    `  cifar report ${runName}   all of it in one file to keep or mail`,
    '  cifar serve --open   in the browser: its mistakes, your own pictures, what is being trained',
    '  cifar runs   all runs, what differs between them and what came of them',
  ];
}

/** On how many images of which kind a run is measured. */
export function measuredImages({
  validationImages,
  validatedOn,
}: Pick<RunRecord, 'validationImages' | 'validatedOn'>): string {
  return `${grouped(validationImages)} ${validatedOn === 'test set' ? 'test images' : validatedOn}`;
}

/** Says when the times are not those of a machine that did nothing else. */
function sharing({ othersCores = 0, hardware }: RunRecord): string {
  if (othersCores < NOTABLE_CORES) return '';
  return ` on a shared machine (other programs kept ${othersCores.toFixed(1)} of ${hardware.cores} cores busy)`;
}

/** Whether an accuracy is within two standard deviations of that of guesses. */
export function isGuessing(accuracy: number, images: number, classes: number): boolean {
  const chance = 1 / classes;
  return accuracy <= chance + 2 * Math.sqrt((chance * (1 - chance)) / images);
}
