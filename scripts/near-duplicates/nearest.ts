import * as tf from '@tensorflow/tfjs-core';
import type { Features } from './features.js';

/** Test images looked at together: their products with all training images take 100 MB. */
const AT_ONCE = 500;

/** For each row, the `count` rows of the others that are most alike (by cosine), best first. */
export async function nearest(rows: Features, others: Features, count: number): Promise<Uint16Array> {
  const { length } = rows;
  const images = rows.values.length / length;
  const result = new Uint16Array(images * count);
  const table = tf.tensor2d(others.values, [others.values.length / length, length]);
  for (let start = 0; start < images; start += AT_ONCE) {
    const end = Math.min(images, start + AT_ONCE);
    const part = tf.tensor2d(rows.values.subarray(start * length, end * length), [end - start, length]);
    const products = tf.matMul(part, table, false, true);
    const cosines = (await products.data()) as Float32Array;
    tf.dispose([part, products]);
    for (let row = start; row < end; row++) {
      const own = cosines.subarray((row - start) * table.shape[0], (row - start + 1) * table.shape[0]);
      result.set(largest(own, count), row * count);
    }
  }
  table.dispose();
  return result;
}

/** Places of the largest values, the largest first. */
function largest(values: Float32Array, count: number): number[] {
  const best: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (best.length === count && values[i] <= values[best[count - 1]]) continue;
    let place = best.length;
    while (place > 0 && values[best[place - 1]] < values[i]) place--;
    best.splice(place, 0, i);
    if (best.length > count) best.pop();
  }
  return best;
}
