/**
 * A contestant of scripts/bench-fit.ts: training steps of `model.fit`.
 *
 *     npx tsx scripts/bench-fit/steps.ts <backend> <precision> <model>
 *
 * Command: `step`, which answers with the mean of several, in seconds, or with why there are none.
 */
import { createInterface } from 'node:readline';
import * as tf from '@tensorflow/tfjs-core';
import type { BackendRequest } from '../../src/engine/names.js';
import type { Precision } from '../../src/engine/provider.js';
import { selectBackend } from '../../src/engine/select.js';
import { BATCH, STOCK_MODELS, type StockModel } from './stockModels.js';

const [UNCOUNTED, COUNTED] = [2, 3];
const IMAGES = 10_000;

const [backend, precision, name] = process.argv.slice(2);
await selectBackend(backend as BackendRequest, { precision: precision as Precision, threads: 2 });
const images = tf.randomUniform([IMAGES, 32, 32, 3], 0, 1, 'float32', 1);
const labels = tf.cast(
  tf.oneHot(
    tf.tensor1d(
      new Int32Array(IMAGES).map((_, i) => i % 10),
      'int32',
    ),
    10,
  ),
  'float32',
);
const model = STOCK_MODELS[name as StockModel]();
model.compile({ optimizer: tf.train.adam(0.001), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });

async function steps(): Promise<number> {
  let [done, start, end] = [0, 0, 0];
  await model.fit(images, labels, {
    ...{ epochs: 1, batchSize: BATCH, verbose: 0, yieldEvery: 'never' },
    callbacks: {
      onBatchEnd: () => {
        done++;
        if (done === UNCOUNTED) start = performance.now();
        if (done !== UNCOUNTED + COUNTED) return;
        end = performance.now();
        model.stopTraining = true;
      },
    },
  });
  return (end - start) / COUNTED / 1000;
}

for await (const line of createInterface(process.stdin)) {
  if (line !== 'step') throw new Error(`expected the command step, got ${line}`);
  const answer = await steps().then(
    (seconds) => ({ seconds }),
    (error: Error) => ({ reason: error.message }),
  );
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
