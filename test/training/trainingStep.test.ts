import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../../src/engine/select.js';
import { namedWeights } from '../../src/nets/namedWeights.js';
import { TrainingStep, type StepInput, type StepResult } from '../../src/training/trainingStep.js';
import { expectClose, normals } from '../helpers/compare.js';

const SIZE = 7;
const CLASSES = 4;
const SMOOTHING = 0.2;
const images = normals(SIZE * 12, 1);
const labels = Uint8Array.of(0, 3, 1, 2, 1, 1, 0);
let net: LayersModel;

beforeAll(async () => {
  await selectBackend('cpu');
  net = sequential({
    layers: [
      layers.flatten({ inputShape: [2, 2, 3] }),
      layers.dense({ units: 5, activation: 'tanh', name: 'hidden' }),
      layers.dense({ units: CLASSES, name: 'out' }),
    ],
  });
});
afterAll(() => void net.dispose());

async function run(batch: StepInput, microBatch = SIZE, batchSize = SIZE) {
  const before = tf.memory().numTensors;
  const parts: number[] = [];
  const step = new TrainingStep(net, namedWeights(net), {
    microBatch,
    batchSize,
    labelSmoothing: SMOOTHING,
    beforePart: (part) => void parts.push(part),
  });
  const { gradients, ...sums } = await step.run(batch);
  const values = gradients.map((gradient) => {
    const value = gradient?.dataSync<'float32'>();
    gradient?.dispose();
    return value ?? new Float32Array();
  });
  expect(tf.memory().numTensors).toBe(before);
  return { ...sums, gradients: values, parts };
}

/** What the labels of mixed images should be, before smoothing: image i's own class and its partner's. */
function softLabels(weight: number): Float32Array {
  const rows = new Float32Array(SIZE * CLASSES);
  labels.forEach((label, i) => {
    rows[i * CLASSES + label] += weight;
    rows[i * CLASSES + labels[SIZE - 1 - i]] += 1 - weight;
  });
  return rows;
}

/** Loss and gradients by tf-core's own operations. */
function reference(targets: Float32Array): Omit<StepResult, 'gradients'> & { gradients: Float32Array[] } {
  const variables = namedWeights(net).map(({ variable }) => variable);
  const x = tf.tensor4d(images, [SIZE, 2, 2, 3]);
  let predicted: ArrayLike<number> = [];
  const { value, grads } = tf.variableGrads(() => {
    const logits = net.apply(x) as tf.Tensor2D;
    predicted = tf.argMax(logits, 1).dataSync();
    const smooth = tf.add(tf.mul(tf.tensor2d(targets, [SIZE, CLASSES]), 1 - SMOOTHING), SMOOTHING / CLASSES);
    return tf.mean(tf.neg(tf.sum(tf.mul(smooth, tf.logSoftmax(logits)), 1)));
  }, variables);
  return {
    lossSum: value.dataSync()[0] * SIZE,
    correct: labels.reduce((count, label, i) => count + (predicted[i] === label ? 1 : 0), 0),
    gradients: variables.map(({ name }) => grads[name].dataSync<'float32'>()),
  };
}

describe.each([
  ['images of one label', undefined],
  ['mixed images', { weight: 0.3 }],
  ['images mixed to the half', { weight: 0.5 }],
  ['images whose labels are all the partner’s', { weight: 0 }],
])('a step on %s', (_name, mixing) => {
  const batch: StepInput = { images, labels, ...(mixing && { mixing }) };

  it('has the loss and gradients of explicit soft labels', async () => {
    const expected = reference(softLabels(mixing?.weight ?? 1));
    const actual = await run(batch);
    expect(actual.lossSum).toBeCloseTo(expected.lossSum, 5);
    expect(actual.correct).toBe(expected.correct);
    actual.gradients.forEach((gradient, i) => {
      expectClose(`gradient ${i}`, gradient, expected.gradients[i], 1e-5);
    });
  });

  // Partners are in different parts, and the last part is short.
  it.each([1, 3, 5])('gives the same in parts of %i images', async (microBatch) => {
    const whole = await run(batch);
    const inParts = await run(batch, microBatch);
    expect(inParts.parts).toEqual(Array.from({ length: Math.ceil(SIZE / microBatch) }, (_, part) => part));
    expect(inParts.lossSum).toBeCloseTo(whole.lossSum, 5);
    expect(inParts.correct).toBe(whole.correct);
    inParts.gradients.forEach((gradient, i) => {
      expectClose(`gradient ${i}`, gradient, whole.gradients[i], 1e-5);
    });
  });

  it.each([SIZE, 3])('has the losses of its images, computed in parts of %i', async (microBatch) => {
    const before = tf.memory().numTensors;
    const step = new TrainingStep(net, [], {
      ...{ microBatch, batchSize: SIZE, labelSmoothing: SMOOTHING },
      beforePart: () => undefined,
    });
    const losses = await step.losses(batch);
    expect(tf.memory().numTensors).toBe(before);
    expect(losses).toHaveLength(SIZE);
    expect(losses.reduce((sum, loss) => sum + loss, 0)).toBeCloseTo((await run(batch)).lossSum, 5);
    const alone = { images: images.subarray(0, 12), labels: labels.subarray(0, 1) };
    if (mixing === undefined) expect(losses[0]).toBeCloseTo((await run(alone)).lossSum, 5);
  });
});

it('a step holds no more tensors for more parts', async () => {
  const peakOf = async (microBatch: number): Promise<number> => {
    const before = tf.memory().numTensors;
    const held: number[] = [];
    const step = new TrainingStep(net, namedWeights(net), {
      ...{ microBatch, batchSize: SIZE, labelSmoothing: SMOOTHING },
      beforePart: () => void held.push(tf.memory().numTensors - before),
    });
    const { gradients } = await step.run({ images, labels });
    for (const gradient of gradients) gradient?.dispose();
    return Math.max(...held);
  };
  expect(await peakOf(1)).toBe(await peakOf(4));
});

it('a step computes the gradients that are wanted only', async () => {
  const before = tf.memory().numTensors;
  const { gradients: whole } = await run({ images, labels });
  const step = new TrainingStep(net, namedWeights(net), {
    ...{ microBatch: 3, batchSize: SIZE, labelSmoothing: SMOOTHING },
    beforePart: () => undefined,
  });
  const wanted = [false, true, true, false];
  const { gradients } = await step.run({ images, labels }, (index) => wanted[index]);
  expect(gradients.map((gradient) => gradient !== null)).toEqual(wanted);
  gradients.forEach((gradient, i) => {
    if (gradient !== null) expectClose(`gradient ${i}`, gradient.dataSync<'float32'>(), whole[i], 1e-5);
    gradient?.dispose();
  });
  expect(tf.memory().numTensors).toBe(before);
});

it('a step on some of a batch’s images divides their losses by the size of the whole', async () => {
  const some: StepInput = { images: images.subarray(0, 36), labels: labels.subarray(0, 3) };
  const [whole, part] = [await run(some, SIZE, 3), await run(some, SIZE, SIZE)];
  expect(part.lossSum).toBe(whole.lossSum);
  part.gradients.forEach((gradient, i) => {
    expectClose(
      `gradient ${i}`,
      gradient,
      whole.gradients[i].map((value) => (value * 3) / SIZE),
      1e-5,
    );
  });
});
