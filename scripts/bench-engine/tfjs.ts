/**
 * A contestant of scripts/bench-engine.ts: training steps, inference and the bare-primitive limit of one net on one of
 * our backends.
 *
 *     npx tsx scripts/bench-engine/tfjs.ts <backend> <precision> <net> <batch> <threads>
 *
 * Commands: `step`, `predict`, `limit`, `profile`, `memory`.
 */
import { createInterface } from 'node:readline';
import * as tf from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../../src/engine/onednn/backend.js';
import type { Precision } from '../../src/engine/provider.js';
import type { BackendRequest } from '../../src/engine/names.js';
import { selectBackend } from '../../src/engine/select.js';
import { logitsModel, NETS, type NetName } from '../../src/nets/index.js';
import { Adam } from '../../src/nn/optimizers/adam.js';
import { namedWeights } from '../../src/pipeline/parameters.js';
import { TrainingStep } from '../../src/pipeline/trainingStep.js';
import { Rng } from '../../src/util/rng.js';
import { BareLimit } from './bareLimit.js';

const [backendName, precision, net, batchText, threadsText] = process.argv.slice(2);
const batch = Number(batchText);
await selectBackend(backendName as BackendRequest, {
  precision: precision as Precision,
  threads: Number(threadsText),
});

const dropout = { seed: 1, step: 0 };
const model = NETS[net as NetName].build({ seed: 1, dropout });
const logits = logitsModel(model);
const parameters = namedWeights(model).filter(({ trainable }) => trainable);
const optimizer = new Adam(parameters, { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 });
const step = new TrainingStep(logits, parameters, {
  microBatch: batch,
  labelSmoothing: 0,
  beforePart: () => dropout.step++,
});
const rng = new Rng(1);
const images = Float32Array.from({ length: batch * 3072 }, () => rng.next());
const labels = Uint8Array.from({ length: batch }, () => rng.int(10));
const onednn = backendName === 'onednn' ? (tf.backend() as unknown as OneDnnBackend) : null;
let steps = 0;

function trainOnce(): { seconds: number; loss: number } {
  const start = performance.now();
  const { lossSum, gradients } = step.run({ images, labels });
  optimizer.apply(
    gradients,
    gradients.map(() => 1e-3),
    steps++,
  );
  tf.dispose(gradients);
  return { seconds: (performance.now() - start) / 1000, loss: lossSum / batch };
}

function predictOnce(): { seconds: number } {
  const start = performance.now();
  tf.tidy(() => {
    const x = tf.tensor4d(images, [batch, 32, 32, 3]);
    (logits.apply(x, { training: false }) as tf.Tensor).dataSync();
  });
  return { seconds: (performance.now() - start) / 1000 };
}

let limit: BareLimit | null = null;

const commands: Record<string, () => unknown> = {
  step: trainOnce,
  predict: predictOnce,
  limit: () => {
    if (onednn === null) return null;
    limit ??= BareLimit.record(onednn, trainOnce);
    return limit.run();
  },
  profile: () => {
    if (onednn === null) return null;
    onednn.statistics.reset();
    onednn.statistics.isProfiling = true;
    const { seconds } = trainOnce();
    onednn.statistics.isProfiling = false;
    return { seconds, ...onednn.statistics.report(), pool: onednn.pool.statistics() };
  },
  memory: () => ({
    peakBytes: process.resourceUsage().maxRSS * 1024,
    tensors: tf.memory().numTensors,
    pool: onednn?.pool.statistics() ?? null,
  }),
};

for await (const line of createInterface(process.stdin)) {
  process.stdout.write(`${JSON.stringify(commands[line]())}\n`);
}
