import { type ImageSet, naturalOrder } from '../../dataset/imageSet.js';
import { evaluationBatches } from '../../evaluation/batches.js';
import { DivergedError } from '../../evaluation/diverged.js';
import { accuracyOf } from '../../evaluation/metrics.js';
import { predictPass } from '../../evaluation/predict.js';
import { CifarError } from '../../util/errors.js';
import { percent } from '../../util/percent.js';
import { buildKeras } from './buildKeras.js';
import type { KerasFile } from './kerasFile.js';
import { type InputRange, RANGES } from './ranges.js';

/** Training images that suffice for a trial. */
export const TRIAL_IMAGES = 1000;

/** By so much the right range must lead: answers to images in a wrong one are little better than guesses. */
const LEAST_LEAD = 0.05;

/**
 * The range that a network's input is in, found out by trial: the one in which it names training images best.
 * @throws CifarError when none is clearly the best
 */
export async function findInputRange(file: KerasFile, path: string, images: ImageSet): Promise<InputRange> {
  const tried: { range: InputRange; accuracy: number }[] = [];
  for (const range of Object.keys(RANGES) as InputRange[]) {
    tried.push({ range, accuracy: await accuracyIn(file, range, path, images) });
  }
  const [best, second] = [...tried].sort((a, b) => b.accuracy - a.accuracy);
  if (best.accuracy - second.accuracy >= LEAST_LEAD) return best.range;
  const all = tried.map(({ range, accuracy }) => `${range} ${percent(accuracy, 1)}`).join(', ');
  throw new CifarError(
    `${path}: which numbers its images are to be in cannot be told from its answers (training images named rightly: ${all}). Say it by --range.`,
  );
}

async function accuracyIn(
  file: KerasFile,
  range: InputRange,
  path: string,
  images: ImageSet,
): Promise<number> {
  const model = await buildKeras(file, range, path, images.dataset);
  const batches = evaluationBatches(images);
  try {
    return accuracyOf(await predictPass(model, batches, 0, naturalOrder(images.count)), images.labels);
  } catch (error) {
    // In a wrong range numbers may grow beyond all bounds: it names nothing rightly then.
    if (error instanceof DivergedError) return 0;
    throw error;
  } finally {
    await batches.close();
    model.dispose();
  }
}
