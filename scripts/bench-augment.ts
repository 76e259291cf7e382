/**
 * Images a second that the batch source delivers, for each preset with 0, 1 and 2 threads.
 *
 *     npx tsx scripts/bench-augment.ts [--images 50000] [--repeats 5]
 *
 * The reader takes each batch and gives it back at once, so that only the preparation is measured. Batches of 500 of
 * random pixels; medians of the repeats, which go round all the cases so that a slow spell falls on each alike.
 * Keeps the figures in results/augment.json.
 */
import { parseArgs } from 'node:util';
import { AUGMENT_PRESETS, type AugmentPreset } from '../src/dataset/augment/index.js';
import { createBatchSource, sourceOf } from '../src/dataset/batches/index.js';
import { allocateImageSet } from '../src/dataset/imageSet.js';
import { permutation, Rng, STREAM } from '../src/util/rng.js';
import { median } from '../src/util/statistics.js';
import { writeResults } from './lib/results.js';
import { CIFAR10 } from '../src/dataset/cifar10.js';

const BATCH = 500;
const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '50000' },
    repeats: { type: 'string', default: '5' },
  },
});
const count = Number(values.images);
const repeats = Number(values.repeats);
if (!(Number.isInteger(count) && count >= BATCH && Number.isInteger(repeats) && repeats >= 1))
  throw new RangeError(`--images needs an integer from ${BATCH} and --repeats one from 1.`);

const rng = new Rng(1);
const set = allocateImageSet(CIFAR10, count);
const words = new Uint32Array(set.images.buffer);
for (let k = 0; k < words.length; k++) words[k] = rng.uint32();
const order = permutation(count, rng);

const cases = (Object.keys(AUGMENT_PRESETS) as AugmentPreset[]).flatMap((preset) =>
  [0, 1, 2].map((workers) => ({
    preset,
    workers,
    rates: [] as number[],
    source: createBatchSource({
      ...sourceOf(set),
      batchSize: BATCH,
      augment: AUGMENT_PRESETS[preset],
      seed: 1,
      stream: STREAM.augment,
      workers,
    }),
  })),
);

// Epoch 0 starts the threads and warms the compiled code up; it is not counted.
for (let epoch = 0; epoch <= repeats; epoch++) {
  for (const { source, rates } of cases) {
    const begin = performance.now();
    for await (const batch of source.batches(epoch, order)) batch.release();
    if (epoch > 0) rates.push((count / (performance.now() - begin)) * 1000);
  }
}

const figures = cases.map(({ preset, workers, rates }) => ({
  preset,
  workers,
  imagesPerSecond: Math.round(median(rates)),
  lowest: Math.round(Math.min(...rates)),
  highest: Math.round(Math.max(...rates)),
}));
await Promise.all(cases.map(({ source }) => source.close()));
console.table(figures);
console.log(writeResults('augment', { images: count, batchSize: BATCH, repeats, cases: figures }));
