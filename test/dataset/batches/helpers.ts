import { AUGMENT_PRESETS } from '../../../src/dataset/augment/index.js';
import {
  createBatchSource,
  type Batch,
  type BatchSourceOptions,
} from '../../../src/dataset/batches/index.js';
import { permutation, Rng, STREAM } from '../../../src/util/rng.js';

export const COUNT = 23;
const SHAPE = [4, 5, 3] as const;
export const LENGTH = 60;

const rng = new Rng(77);
export const images = new Uint8Array(new SharedArrayBuffer(COUNT * LENGTH));
for (let k = 0; k < images.length; k++) images[k] = rng.int(256);
export const labels = Uint8Array.from({ length: COUNT }, () => rng.int(10));
export const order = permutation(COUNT, rng);

/** Options of a source over a small synthetic set, in batches of 5. */
export function options(changed: Partial<BatchSourceOptions> = {}): BatchSourceOptions {
  return {
    images,
    labels,
    imageShape: SHAPE,
    statistics: { means: [0.5, 0.4, 0.3], deviations: [0.25, 0.25, 0.25] },
    batchSize: 5,
    augment: AUGMENT_PRESETS.strong,
    seed: 1,
    stream: STREAM.augment,
    workers: 0,
    ...changed,
  };
}

/** Copies of all batches. */
export async function collect(batches: AsyncIterable<Batch>): Promise<Omit<Batch, 'release'>[]> {
  const all = [];
  for await (const batch of batches) {
    all.push({
      images: batch.images.slice(),
      imageShape: batch.imageShape,
      labels: batch.labels.slice(),
      indices: batch.indices.slice(),
      ...(batch.mixing && { mixing: batch.mixing }),
    });
    batch.release();
  }
  return all;
}

/** Runs a test with a source and closes it. */
export async function withSource(
  changed: Partial<BatchSourceOptions>,
  test: (source: ReturnType<typeof createBatchSource>) => Promise<void>,
): Promise<void> {
  const source = createBatchSource(options(changed));
  try {
    await test(source);
  } finally {
    await source.close();
  }
}
