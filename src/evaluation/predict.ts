import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { BatchSource } from '../dataset/batches/index.js';
import { imagesAtOnce } from './atOnce.js';
import { checkAnswers } from './diverged.js';

/**
 * The model's output for every image of one pass, in the order asked for. Whatever the source's batch
 * size, at most EVALUATION_BATCH images are computed at once, so that activations fit a small heap, and fewer where a tensor of so
 * many would be too large for the backend.
 * @param model output [n, classes]: logits or probabilities
 * @param pass the epoch or the number of the augmented pass
 * @returns count × classes, row-major
 * @throws DivergedError when an answer is not a number
 */
export async function predictPass(
  model: LayersModel,
  source: BatchSource,
  pass: number,
  order: Uint32Array,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const classes = model.outputs[0].shape[1] as number;
  const inputShape = model.inputs[0].shape.slice(1) as number[];
  const output = new Float32Array(order.length * classes);
  const atOnce = imagesAtOnce(model);
  let row = 0;
  for await (const batch of source.batches(pass, order)) {
    const count = batch.labels.length;
    const imageLength = batch.images.length / count;
    for (let start = 0; start < count; start += atOnce) {
      signal?.throwIfAborted();
      const end = Math.min(start + atOnce, count);
      const images = batch.images.subarray(start * imageLength, end * imageLength);
      const result = tf.tidy(() => model.apply(tf.tensor(images, [end - start, ...inputShape])) as tf.Tensor);
      output.set(await result.data(), (row + start) * classes);
      result.dispose();
    }
    row += count;
    batch.release();
  }
  checkAnswers(output);
  return output;
}
