import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it, vi } from 'vitest';
import { resolveTrainConfig } from '../../src/config/resolveTrainConfig.js';
import { selectBackend } from '../../src/engine/select.js';
import { NETS, logitsModel, setWhitening } from '../../src/nets/index.js';
import type { Optimizer } from '../../src/nn/optimizers/optimizer.js';
import { namedWeights } from '../../src/nets/namedWeights.js';
import { freshLossScale } from '../../src/training/lossScale.js';
import { FiniteWatch } from '../../src/training/finiteWatch.js';
import { createOptimizer } from '../../src/training/optimizer.js';
import { TrainingStep } from '../../src/training/trainingStep.js';
import { type Trainee, update } from '../../src/training/update.js';
import { normals } from '../helpers/compare.js';
import { CIFAR10 } from '../../src/dataset/cifar10.js';

const SIZE = 2;
const batch = { images: normals(SIZE * 3072, 1).map(Math.abs), labels: Uint8Array.of(3, 7) };

beforeAll(() => selectBackend('wasm'));

async function trainee(): Promise<Trainee & { dispose: () => void }> {
  const model = NETS['fast-proxy'].build({ seed: 1, dataset: CIFAR10 });
  await setWhitening(
    model,
    Uint8Array.from(normals(4 * 3072, 2), (value) => 128 + 40 * value),
  );
  const parameters = namedWeights(model).filter(({ trainable }) => trainable);
  const step = new TrainingStep(logitsModel(model), parameters, {
    ...{ microBatch: SIZE, batchSize: SIZE, labelSmoothing: 0 },
    beforePart: () => undefined,
  });
  const optimizer = createOptimizer(resolveTrainConfig({ optimizer: 'sgd' }), parameters, 10);
  const dispose = (): void => {
    optimizer.dispose();
    model.dispose();
  };
  return { step, parameters, optimizer, watch: new FiniteWatch(), dispose };
}

it('moves the parameters that have a rate, and computes nothing for the others', async () => {
  const before = tf.memory().numTensors;
  const net = await trainee();
  const valuesOf = (): string[] => net.parameters.map(({ variable }) => String(variable.dataSync()));
  const first = valuesOf();
  const kernels: string[] = [];
  const runKernel = vi.spyOn(tf.engine(), 'runKernel');
  const { lossSum } = await update(net, batch, ({ role }) => (role === 'whitening' ? null : 0.1), 0);
  kernels.push(...runKernel.mock.calls.map(([name]) => name));
  runKernel.mockRestore();
  expect(lossSum).toBeGreaterThan(0);
  expect(net.parameters.filter((_, i) => valuesOf()[i] === first[i]).map(({ role }) => role)).toEqual([
    'whitening',
  ]);
  // Six convolutions are trained; of the first, whose input is that of fixed filters, by the filter only.
  expect(kernels.filter((name) => name === 'Conv2DBackpropFilter')).toHaveLength(6);
  expect(kernels.filter((name) => name === 'Conv2DBackpropInput')).toHaveLength(5);
  net.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it('is not made when the loss is not finite', async () => {
  const before = tf.memory().numTensors;
  const net = await trainee();
  const apply = vi.fn<Optimizer['apply']>();
  const images = batch.images.map((value, i) => (i === 0 ? Infinity : value));
  const optimizer = { ...net.optimizer, apply };
  const { lossSum } = await update({ ...net, optimizer }, { ...batch, images }, () => 0.1, 0);
  expect(lossSum).toBeNaN();
  expect(apply).not.toHaveBeenCalled();
  net.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it('under a factor of the loss has the bits that it has without, and is left out where a gradient overflows', async () => {
  const before = tf.memory().numTensors;
  const [plain, scaled] = [await trainee(), await trainee()];
  const valuesOf = ({ parameters }: Trainee): string[] =>
    parameters.map(({ variable }) => String(variable.dataSync()));
  const lossScale = freshLossScale();
  const made = async (): Promise<boolean> =>
    (await update({ ...scaled, lossScale }, batch, () => 0.1, 0)).wereFinite;
  await update(plain, batch, () => 0.1, 0);
  // Powers of two, and nothing here is near the ends of 32 bits.
  expect(await made()).toBe(true);
  expect(valuesOf(scaled)).toEqual(valuesOf(plain));

  lossScale.factor = 2 ** 160;
  expect(await made()).toBe(true);
  expect(valuesOf(scaled)).toEqual(valuesOf(plain));
  expect(lossScale).toEqual({ factor: 2 ** 159, updates: 0, skipped: 1 });

  lossScale.factor = 1;
  const images = batch.images.map((value, i) => (i === 0 ? Infinity : value));
  expect((await update({ ...scaled, lossScale }, { ...batch, images }, () => 0.1, 0)).lossSum).toBeNaN();
  expect(lossScale.skipped).toBe(1);
  plain.dispose();
  scaled.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
