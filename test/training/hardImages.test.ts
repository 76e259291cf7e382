import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { resolveTrainConfig } from '../../src/config/resolveTrainConfig.js';
import type { TrainConfig } from '../../src/config/trainOptions.js';
import { allocateImageSet, type ImageSet } from '../../src/dataset/imageSet.js';
import { stretches } from '../../src/training/stretches.js';
import { selectBackend } from '../../src/engine/select.js';
import { NETS, countFlops } from '../../src/nets/index.js';
import { HardImages } from '../../src/training/hardImages.js';
import { checkHardShare, proxyOf } from '../../src/training/hardShare.js';
import { trainedImages } from '../../src/training/position.js';
import { LearningRates } from '../../src/training/learningRates.js';
import { type StepInput, TrainingStep } from '../../src/training/trainingStep.js';
import { type TrainNet, trainNet } from '../../src/training/trainNet.js';
import { Rng } from '../../src/util/rng.js';
import { temporaryFolder } from '../helpers/folders.js';
import { CIFAR10 } from '../../src/dataset/cifar10.js';

const SIZE = 8;
const PIXELS = 3072;
const config = resolveTrainConfig({
  ...{ model: 'bench', proxy: 'fast-proxy', hardShare: 0.5, batchSize: SIZE, seed: 3 },
  ...{ optimizer: 'sgd', learningRate: 0.05, momentum: 0.9, labelSmoothing: 0.2 },
});
const rates = new LearningRates(config, 10);

beforeAll(() => selectBackend('wasm'));

function randomImages(count: number): ImageSet {
  const set = allocateImageSet(CIFAR10, count);
  const rng = new Rng(5);
  for (let i = 0; i < set.images.length; i++) set.images[i] = rng.int(256);
  for (let i = 0; i < count; i++) set.labels[i] = rng.int(10);
  return set;
}

const set = randomImages(SIZE);
const batch: StepInput = { images: Float32Array.from(set.images, (byte) => byte / 255), labels: set.labels };

/** The places of a batch's images that were picked, by their pixels. */
function placesOf({ images, labels }: StepInput): number[] {
  return Array.from(labels, (label, i) => {
    const own = images.subarray(i * PIXELS, (i + 1) * PIXELS);
    const place = Array.from(batch.labels.keys()).find((at) =>
      batch.images.subarray(at * PIXELS, (at + 1) * PIXELS).every((value, k) => value === own[k]),
    );
    if (place === undefined) throw new Error('An image that was not in the batch.');
    expect(batch.labels[place]).toBe(label);
    return place;
  });
}

/** Losses of the proxy as it is made, by a net of the test's own. */
async function lossesAtFirst(microBatch: number): Promise<Float32Array> {
  const net = await trainNet({ ...config, model: proxyOf(config) }, set);
  const step = new TrainingStep(net.logits, [], {
    ...{ microBatch, batchSize: SIZE, labelSmoothing: 0.2 },
    beforePart: () => undefined,
  });
  const losses = await step.losses(batch);
  net.model.dispose();
  return losses;
}

describe('the hard images of a batch', () => {
  it.each([SIZE, 3])(
    'are those of the largest losses under the proxy, computed in parts of %i, in their order',
    async (microBatch) => {
      const before = tf.memory().numTensors;
      const hard = await HardImages.create(config, set, 8);
      const places = placesOf(await hard.pick(batch, 0, rates, { microBatch }));
      const losses = await lossesAtFirst(microBatch);
      const expected = [...losses.keys()].sort((a, b) => losses[b] - losses[a]).slice(0, 4);
      expect(places).toEqual(expected.sort((a, b) => a - b));
      hard.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  it('train the proxy at every fourth update, so that it learns them', async () => {
    const hard = await HardImages.create(config, set, 8);
    const kernel = hard.weights.find(({ name }) => name === 'head/kernel');
    const values = (): string => String(kernel?.variable.dataSync().slice(0, 20));
    const losses = async (): Promise<number> => {
      const step = new TrainingStep(net(hard).logits, [], {
        ...{ microBatch: SIZE, batchSize: SIZE, labelSmoothing: 0.2 },
        beforePart: () => undefined,
      });
      return (await step.losses(batch)).reduce((sum, loss) => sum + loss, 0) / SIZE;
    };
    const atFirst = await losses();
    const changed: number[] = [];
    let last = values();
    for (let update = 0; update < 24; update++) {
      await hard.pick(batch, update, rates, { microBatch: SIZE });
      if (values() !== last) changed.push(update);
      last = values();
    }
    expect(changed).toEqual([0, 4, 8, 12, 16, 20]);
    expect(await losses()).toBeLessThan(atFirst - 0.3);
    hard.dispose();
  });

  it('cost the proxy a forward pass of all, and a training step of the picked at every fourth update', async () => {
    const proxy = NETS['fast-proxy'].build({ seed: 1, dataset: CIFAR10 });
    const forward = countFlops(proxy);
    proxy.dispose();
    const hard = await HardImages.create(config, set, 8);
    const course = { stepsPerEpoch: 4, smallSizes: [], freezeBegin: Infinity };
    expect([0, 1, 4, 5].map((updates) => hard.flops(stretches(0, updates, course)) / forward)).toEqual([
      0,
      8 + 12,
      32 + 12,
      40 + 24,
    ]);
    hard.dispose();
  });

  it('are at least one, and the nearest whole number to the share', () => {
    const count = (batchSize: number, hardShare: number): number => trainedImages({ batchSize, hardShare });
    expect([count(1024, 0.5), count(10, 0.26), count(3, 0.01), count(7, 1)]).toEqual([512, 3, 1, 7]);
  });

  it.each(['mixup', 'cutmix'])('are not picked from pairs of %s', (mixing) => {
    const augment = join(temporaryFolder(), 'mixed.json');
    writeFileSync(augment, JSON.stringify({ [mixing]: 1 }));
    const mixed: TrainConfig = { ...config, augment };
    expect(() => checkHardShare(mixed)).toThrow(
      /--hard-share picks single images, and an augmentation with mixup or cutmix makes pairs of them/,
    );
    expect(() => checkHardShare({ ...mixed, hardShare: 1 })).not.toThrow();
  });

  it('must leave out one at least', () => {
    expect(() => checkHardShare({ ...config, hardShare: 0.95 })).toThrow(
      '--hard-share: expected a share that leaves out an image of a batch of 8, got 0.95.',
    );
  });

  it('are picked by the proxy asked for, else by the one that suits the optimizer', () => {
    expect(proxyOf({ proxy: 'bench', optimizer: 'muon' })).toBe('bench');
    expect(proxyOf({ proxy: 'auto', optimizer: 'muon' })).toBe('fast-proxy-muon');
    expect(proxyOf({ proxy: 'auto', optimizer: 'sgd' })).toBe('fast-proxy');
  });

  it('are not picked by a proxy that has diverged', async () => {
    const hard = await HardImages.create(config, set, 8);
    const images = batch.images.map((value, i) => (i === PIXELS ? NaN : value));
    await expect(hard.pick({ ...batch, images }, 5, rates, { microBatch: SIZE })).rejects.toThrow(
      /loss of the proxy, which picks the images of --hard-share, became NaN at step 6: it diverged/,
    );
    hard.dispose();
  });

  it('train a proxy with dropout on masks of their own', async () => {
    const seen: number[] = [];
    const hard = await HardImages.create({ ...config, proxy: 'bench' }, set, 8);
    const { dropout } = net(hard);
    Object.defineProperty(dropout, 'step', {
      get: () => seen.at(-1),
      set: (step: number) => seen.push(step),
    });
    for (const update of [0, 1, 4]) await hard.pick(batch, update, rates, { microBatch: 4 });
    // Two parts of four; the four picked are one part.
    expect(seen).toEqual([0, 1, 2, 4, 5, 16, 17, 18]);
    expect(new Set(seen).size).toBe(seen.length);
    hard.dispose();
  });
});

/** The proxy itself, which nobody else needs. */
function net(hard: HardImages): TrainNet {
  return (hard as unknown as { net: TrainNet }).net;
}
