import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { imageBytes } from '../dataset/descriptor.js';
import { type ImageSet, naturalOrder } from '../dataset/imageSet.js';
import {
  VIEW_PRESETS,
  type View,
  type ViewPreset,
  type WeightedView,
  viewImages,
} from '../dataset/views/index.js';
import { nextTurn } from '../util/nextTurn.js';
import { smallest } from '../util/smallest.js';
import { imagesAtOnce } from './atOnce.js';
import { checkAnswers } from './diverged.js';
import { softmaxRows } from './metrics.js';

export interface ViewOptions {
  preset: ViewPreset;
  /**
   * Share of the images, those whose plain answer is least sure, that get the preset's views; the others keep their plain
   * answer. In (0, 1]; 1 treats all alike.
   */
  share?: number;
  /** Images computed at once, at most; 500 by default. A browser's memory is small. */
  atOnce?: number;
  signal?: AbortSignal;
}

export interface ViewResult {
  /** Logits of the plain images, count × classes, row-major. */
  plain: Float32Array;
  /** Weighted mean of the views' logits, count × classes. */
  logits: Float32Array;
  /** Forward passes for one image, on average; the plain one counts once: a quarter of multicrop takes 1 + 5/4. */
  forwards: number;
}

const PLAIN: View = { flip: false, dy: 0, dx: 0 };

/**
 * Test-time augmentation by fixed views: the weighted mean of a net's logits over a preset's views of each image.
 * @param logitsModel [N, height, width, channels] → logits [N, classes]
 */
export async function averageViews(
  logitsModel: LayersModel,
  set: Pick<ImageSet, 'dataset' | 'images' | 'count'>,
  { preset, share = 1, atOnce, signal }: ViewOptions,
): Promise<ViewResult> {
  const classes = set.dataset.classNames.length;
  const part = imagesAtOnce(logitsModel, atOnce);
  const look = (view: View, indices: Uint32Array): Promise<Float32Array> =>
    viewLogits(logitsModel, set, view, { indices, atOnce: part, ...(signal && { signal }) });
  const plain = await look(PLAIN, naturalOrder(set.count));
  const chosen =
    share < 1 ? leastSure(plain, classes, Math.round(share * set.count)) : naturalOrder(set.count);
  const logits = Float32Array.from(plain);
  const sums = new Float64Array(chosen.length * classes);
  const views: readonly WeightedView[] = VIEW_PRESETS[preset];
  let passes = 0;
  for (const { view, weight } of views) {
    const isPlain = !view.flip && view.dy === 0 && view.dx === 0;
    if (!isPlain) passes++;
    const answers = isPlain ? rows(plain, classes, chosen) : await look(view, chosen);
    for (let i = 0; i < sums.length; i++) sums[i] += weight * answers[i];
  }
  chosen.forEach((image, row) => {
    for (let c = 0; c < classes; c++) logits[image * classes + c] = sums[row * classes + c];
  });
  return { plain, logits, forwards: 1 + (passes * chosen.length) / set.count };
}

function rows(values: Float32Array, classes: number, indices: Uint32Array): Float32Array {
  const chosen = new Float32Array(indices.length * classes);
  indices.forEach((image, row) => {
    chosen.set(values.subarray(image * classes, (image + 1) * classes), row * classes);
  });
  return chosen;
}

/** The images whose highest probability is lowest, in the set's order. */
function leastSure(logits: Float32Array, classes: number, count: number): Uint32Array {
  const probabilities = softmaxRows(logits, classes);
  const sureness = Float32Array.from({ length: logits.length / classes }, (_, image) =>
    probabilities.subarray(image * classes, (image + 1) * classes).reduce((a, b) => Math.max(a, b)),
  );
  return smallest(sureness, count);
}

/** A net's logits for one view of some images, row by row in the order of the indices. */
async function viewLogits(
  model: LayersModel,
  set: Pick<ImageSet, 'dataset' | 'images'>,
  view: View,
  { indices, atOnce, signal }: { indices: Uint32Array; atOnce: number; signal?: AbortSignal },
): Promise<Float32Array> {
  const { imageShape, classNames } = set.dataset;
  const classes = classNames.length;
  const output = new Float32Array(indices.length * classes);
  for (let start = 0; start < indices.length; start += atOnce) {
    signal?.throwIfAborted();
    const part = indices.subarray(start, start + atOnce);
    const images = new Float32Array(part.length * imageBytes(set.dataset));
    viewImages(set.dataset, set.images, part, view, images);
    const result = tf.tidy(() => model.apply(tf.tensor(images, [part.length, ...imageShape])) as tf.Tensor);
    output.set(await result.data(), start * classes);
    result.dispose();
    await nextTurn();
  }
  checkAnswers(output);
  return output;
}
