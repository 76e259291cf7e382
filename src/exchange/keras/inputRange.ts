import * as tf from '@tensorflow/tfjs-core';
import { imageBytes } from '../../dataset/descriptor.js';
import type { ImageSet } from '../../dataset/imageSet.js';
import { accuracyOf } from '../../evaluation/metrics.js';
import { CifarError } from '../../util/errors.js';
import { percent } from '../../util/percent.js';
import { buildKeras } from './buildKeras.js';
import type { KerasFile } from './kerasFile.js';
import { type InputRange, RANGES } from './topology.js';

/** By so much the right range must lead: answers to images in a wrong one are little better than guesses. */
const LEAST_LEAD = 0.05;
const BATCH = 250;

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
  const { dataset, labels, count } = images;
  const model = await buildKeras(file, range, path, dataset);
  const answers = new Float32Array(count * dataset.classNames.length);
  const size = imageBytes(dataset);
  for (let start = 0; start < count; start += BATCH) {
    const end = Math.min(start + BATCH, count);
    const result = tf.tidy(() => {
      const pixels = Float32Array.from(images.images.subarray(start * size, end * size));
      return model.predict(tf.div(tf.tensor(pixels, [end - start, ...dataset.imageShape]), 255)) as tf.Tensor;
    });
    answers.set(await result.data(), start * dataset.classNames.length);
    result.dispose();
  }
  model.dispose();
  return accuracyOf(answers, labels);
}
