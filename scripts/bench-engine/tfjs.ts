/**
 * A contestant of scripts/bench-engine.ts: training steps, inference and the bare-primitive limit of one net on one of
 * our backends.
 *
 *     npx tsx scripts/bench-engine/tfjs.ts <backend> <precision> <net> <batch> <threads> [side]
 *
 * Commands: `step`, `recipeStep` (on the images that the recipe picks), `augmented` (of full size), `predict`, `limit`, `profile`, `memory`.
 */
import { createInterface } from 'node:readline';
import { setImmediate, setTimeout } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../../src/engine/onednn/backend.js';
import type { Precision } from '../../src/engine/provider.js';
import type { BackendRequest } from '../../src/engine/names.js';
import { selectBackend } from '../../src/engine/select.js';
import type { RecipeName } from '../../src/config/recipeNames.js';
import type { NetName } from '../../src/nets/index.js';
import { Rng } from '../../src/util/rng.js';
import { randomImages, Trainer, TrainingBatches } from '../lib/trainer.js';
import { BareLimit } from './bareLimit.js';
import { COUNTED_STEPS, type StepAnswer } from './protocol.js';

const [backendName, precision, net, batchText, threadsText, sideText = '32'] = process.argv.slice(2);
const batchSize = Number(batchText);
/** Of the images of `step` and `limit`, in pixels. */
const side = Number(sideText);
const imageShape = [side, side, 3] as const;
await selectBackend(backendName as BackendRequest, {
  precision: precision as Precision,
  threads: Number(threadsText),
});

const imageSet = randomImages();
const trainer = await Trainer.create(net as NetName | RecipeName, batchSize, imageSet);
const rng = new Rng(1);
const images = Float32Array.from({ length: batchSize * side * side * 3 }, () => rng.next());
const labels = Uint8Array.from({ length: batchSize }, () => rng.int(10));
const onednn = backendName === 'onednn' ? (tf.backend() as unknown as OneDnnBackend) : null;

/** A step on a batch that is there already. */
async function step(): Promise<StepAnswer> {
  const start = performance.now();
  const loss = await trainer.step({ images, imageShape, labels });
  return { seconds: (performance.now() - start) / 1000, loss };
}

/** The same as the recipe has it, a mean of as many as cost alike. */
async function recipeStep(): Promise<{ seconds: number }> {
  const start = performance.now();
  const steps = await trainer.recipeSteps({ images, imageShape, labels });
  return { seconds: (performance.now() - start) / 1000 / steps };
}

/** Milliseconds in which the threads make the batches that they have begun, four at most. */
const idleAfter = 50 + 0.4 * batchSize;
let batches: TrainingBatches | undefined;

/**
 * A step while threads augment the batches to come, as in training, and with what the main thread does between steps;
 * the mean of several. A first step, during which they fill their ring, is not counted; when the answer is given they
 * are idle, so that nobody else's turn is slowed.
 */
async function augmented(): Promise<StepAnswer> {
  batches ??= new TrainingBatches(trainer.config, imageSet);
  let start = 0;
  let loss = 0;
  let steps = 0;
  for await (const batch of batches) {
    loss = await trainer.step(batch);
    batch.release();
    await setImmediate();
    if (steps === 0) start = performance.now();
    if (steps++ === COUNTED_STEPS) break;
  }
  const seconds = (performance.now() - start) / 1000 / COUNTED_STEPS;
  await setTimeout(idleAfter);
  return { seconds, loss };
}

function predict(): { seconds: number } {
  const start = performance.now();
  tf.tidy(() => {
    const x = tf.tensor4d(images, [batchSize, ...imageShape]);
    (trainer.net.logits.apply(x, { training: false }) as tf.Tensor).dataSync();
  });
  return { seconds: (performance.now() - start) / 1000 };
}

let limit: BareLimit | null = null;

const commands: Record<string, () => unknown> = {
  step,
  recipeStep,
  augmented,
  predict,
  limit: async () => {
    if (onednn === null) return null;
    limit ??= await BareLimit.record(onednn, step);
    return limit.run();
  },
  profile: async () => {
    if (onednn === null) return null;
    onednn.statistics.reset();
    onednn.statistics.isProfiling = true;
    const { seconds } = await step();
    onednn.statistics.isProfiling = false;
    return { seconds, ...onednn.statistics.report(), pool: onednn.pool.statistics() };
  },
  memory: () => ({
    peakBytes: process.resourceUsage().maxRSS * 1024,
    tensors: tf.memory().numTensors,
    pool: onednn?.pool.statistics() ?? null,
    library: onednn?.native.library.version.join('.') ?? null,
    instructions: onednn?.native.instructionSet ?? null,
  }),
};

for await (const line of createInterface(process.stdin)) {
  process.stdout.write(`${JSON.stringify(await commands[line]())}\n`);
}
await batches?.close();
