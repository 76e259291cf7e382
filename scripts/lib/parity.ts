import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { BackendRequest } from '../../src/engine/names.js';
import { softmaxCrossEntropy } from '../../src/engine/ops/index.js';
import { selectBackend } from '../../src/engine/select.js';
import { logitsModel } from '../../src/nets/index.js';
import type { BuildOptions } from '../../src/nets/index.js';
import { Rng } from '../../src/util/rng.js';
import { CIFAR10 } from '../../src/dataset/cifar10.js';

/** The loss and all gradients of one training step, and how fast the steps are. */
export interface StepValues {
  loss: number;
  /** By weight name, in the order of the layers. */
  gradients: Map<string, Float32Array>;
  /** By processor time, so that other programs' load does not count. */
  imagesPerSecond: number;
}

/** One tensor of two backends side by side. */
export interface Comparison {
  name: string;
  /** max |a − b| / max |b|; Infinity when either is not finite. */
  relativeError: number;
}

export interface StepOptions {
  build: (options: BuildOptions) => LayersModel;
  /** Images in the batch. */
  batch: number;
  /** Steps, at least 1. The speed is the median of all but the first, or that of the only one. */
  steps: number;
}

/**
 * Runs training steps of a net on random images, dropout active, everything seeded: forward, loss, all gradients.
 * The weights are the same for each step.
 */
export async function trainingStep(backend: BackendRequest, options: StepOptions): Promise<StepValues> {
  await selectBackend(backend);
  const { build, batch } = options;
  const model = build({ seed: 11, dataset: CIFAR10, dropout: { seed: 12, step: 13 } });
  const logits = logitsModel(model);
  const { images, labels } = randomBatch(batch);
  const step = () =>
    tf.variableGrads(() => {
      const output = logits.apply(images, { training: true }) as tf.Tensor2D;
      return tf.mean<tf.Scalar>(softmaxCrossEntropy(output, labels).losses);
    });

  let loss = NaN;
  const gradients = new Map<string, Float32Array>();
  const times: number[] = [];
  for (let i = 0; i < options.steps; i++) {
    const start = process.cpuUsage();
    const { value, grads } = step();
    // Ends the step also where a backend computes ahead.
    loss = (await value.data<'float32'>())[0];
    const { user, system } = process.cpuUsage(start);
    times.push((user + system) / 1e6);
    if (i === 0) {
      for (const weight of model.trainableWeights) {
        gradients.set(weight.originalName, await grads[weight.name].data<'float32'>());
      }
    }
    tf.dispose([value, grads]);
  }
  if (times.length > 1) times.shift();
  times.sort((a, b) => a - b);
  tf.dispose([images, labels]);
  model.dispose();
  return { loss, gradients, imagesPerSecond: batch / times[Math.floor(times.length / 2)] };
}

function randomBatch(batch: number): { images: tf.Tensor4D; labels: tf.Tensor2D } {
  const rng = new Rng(14);
  const pixels = Float32Array.from({ length: batch * 3072 }, () => rng.next());
  const labels = new Float32Array(batch * 10);
  for (let i = 0; i < batch; i++) labels[i * 10 + rng.int(10)] = 1;
  return {
    images: tf.tensor4d(pixels, [batch, 32, 32, 3]),
    labels: tf.tensor2d(labels, [batch, 10]),
  };
}

/** Compares two steps tensor by tensor, the loss first. */
export function compareSteps(actual: StepValues, expected: StepValues): Comparison[] {
  const loss = { name: 'loss', relativeError: relativeError([actual.loss], [expected.loss]) };
  const gradients = [...expected.gradients].map(([name, values]) => ({
    name,
    relativeError: relativeError(actual.gradients.get(name) ?? [], values),
  }));
  return [loss, ...gradients];
}

function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let difference = 0;
  let scale = 0;
  for (let i = 0; i < expected.length; i++) {
    const d = Math.abs(actual[i] - expected[i]);
    if (!Number.isFinite(d)) return Infinity;
    difference = Math.max(difference, d);
    scale = Math.max(scale, Math.abs(expected[i]));
  }
  return difference === 0 ? 0 : difference / scale;
}
