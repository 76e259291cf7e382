/**
 * Checks that training on the oneDNN engine holds the same memory however long it goes on: native handles, native memory
 * and tensors must not change after the warm-up, resident memory must not grow, nor ever exceed a limit.
 *
 *     npx tsx scripts/check-flat.ts [--net deep] [--precision bf16] [--batch 500] [--steps 500] [--every 50]
 *                                   [--warm-up 100] [--limit-gib 4] [--threads 2] [--save]
 *
 * Steps are those of `cifar train`, on random images augmented by a thread. --save keeps the readings in
 * results/flat-memory.json.
 */
import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../src/engine/onednn/backend.js';
import type { Precision } from '../src/engine/provider.js';
import { selectBackend } from '../src/engine/select.js';
import type { NetName } from '../src/nets/index.js';
import { findGrowth, type Reading } from './check-flat/flatness.js';
import { countHandles } from './check-flat/handles.js';
import { writeResults } from './lib/results.js';
import { randomImages, Trainer, TrainingBatches } from './lib/trainer.js';

const { values } = parseArgs({
  options: {
    net: { type: 'string', default: 'deep' },
    precision: { type: 'string', default: 'bf16' },
    batch: { type: 'string', default: '500' },
    steps: { type: 'string', default: '500' },
    every: { type: 'string', default: '50' },
    'warm-up': { type: 'string', default: '100' },
    'limit-gib': { type: 'string', default: '4' },
    threads: { type: 'string', default: '2' },
    save: { type: 'boolean', default: false },
  },
});
const { net, precision } = values;
const [batchSize, steps, every, warmUp, limitGib, threads] = (
  ['batch', 'steps', 'every', 'warm-up', 'limit-gib', 'threads'] as const
).map((name) => {
  const value = Number(values[name]);
  if (!(value > 0 && (Number.isInteger(value) || name === 'limit-gib')))
    throw new RangeError(`--${name} needs a number above 0, got ${values[name]}.`);
  return value;
});

await selectBackend('onednn', { precision: precision as Precision, threads });
const backend = tf.backend() as unknown as OneDnnBackend;
const handles = countHandles(backend.native.library);
const images = randomImages();
const trainer = await Trainer.create(net as NetName, batchSize, images);
const batches = new TrainingBatches(trainer.config, images);

function read(step: number): Reading {
  const { usedBytes, systemAllocations } = backend.pool.statistics();
  return {
    step,
    handles: handles(),
    poolBytes: usedBytes,
    systemAllocations,
    tensors: tf.memory().numTensors,
    residentBytes: process.memoryUsage.rss(),
  };
}

const readings: Reading[] = [];
const faults: string[] = [];
let step = 0;
for await (const batch of batches) {
  const loss = await trainer.step(batch);
  batch.release();
  await setImmediate();
  step++;
  if (!Number.isFinite(loss)) faults.push(`The loss of step ${step} is ${loss}.`);
  if (step % every === 0) {
    readings.push(read(step));
    console.log(JSON.stringify({ ...readings[readings.length - 1], loss }));
  }
  if (step === steps) break;
}
await batches.close();

const peakBytes = process.resourceUsage().maxRSS * 1024;
faults.push(...findGrowth(readings, warmUp));
if (peakBytes >= limitGib * 2 ** 30)
  faults.push(
    `Resident memory reached ${(peakBytes / 2 ** 30).toFixed(2)} GiB; the limit is ${limitGib} GiB.`,
  );
for (const fault of faults) console.log(fault);
const primitives = backend.primitiveStatistics();
console.log(
  `${faults.length === 0 ? 'flat' : 'not flat'}; peak ${(peakBytes / 2 ** 30).toFixed(2)} GiB; ${primitives.entries} primitives of ${(primitives.bytes / 2 ** 20).toFixed(1)} MiB`,
);
if (values.save) {
  const figures = {
    net,
    precision,
    batchSize,
    steps,
    warmUp,
    threads,
    peakBytes,
    isFlat: faults.length === 0,
  };
  const rows = readings.map((reading) => ({ ...reading }));
  console.log(writeResults('flat-memory', { ...figures, primitives: { ...primitives }, readings: rows }));
}
process.exitCode = faults.length === 0 ? 0 : 1;
