import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { strFromU8, unzipSync } from 'fflate';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { CIFAR10 } from '../../src/dataset/cifar10.js';
import { selectBackend } from '../../src/engine/select.js';
import { buildKeras } from '../../src/exchange/keras/buildKeras.js';
import { readKerasFile } from '../../src/exchange/keras/kerasFile.js';
import { kerasArchive, kerasHdf5 } from '../../src/exchange/keras/writeKeras.js';
import { adoptConstants } from '../../src/nets/adoptConstants.js';
import { NETS } from '../../src/nets/index.js';
import { normals } from '../helpers/compare.js';
import { temporaryFolder } from '../helpers/folders.js';
import { branched, randomise } from '../helpers/models.js';

beforeAll(async () => void (await selectBackend('wasm')));

const { layers } = tfl;
const SHAPE = [32, 32, 3];
const WRITERS = { 'model.keras': kerasArchive, 'model.h5': kerasHdf5 };
const images = normals(3 * 32 * 32 * 3, 99).map((value) => Math.abs(value) % 1);

const answersOf = (model: tfl.LayersModel): Float32Array =>
  tf.tidy(() => (model.predict(tf.tensor(images, [3, ...SHAPE])) as tf.Tensor).dataSync<'float32'>().slice());

/** The largest difference between a model's answers and those of it written and read again. */
async function difference(model: tfl.LayersModel, name: keyof typeof WRITERS): Promise<number> {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, await WRITERS[name](model, { input: 'images' }));
  const again = await buildKeras(await readKerasFile(path), '0..1', path, CIFAR10);
  const [own, answers] = [answersOf(model), answersOf(again)];
  again.dispose();
  expect(Math.max(...own) - Math.min(...own)).toBeGreaterThan(1e-3);
  return own.reduce((most, value, i) => Math.max(most, Math.abs(value - answers[i])), 0);
}

const files = Object.keys(WRITERS) as (keyof typeof WRITERS)[];

describe.each(files)('a model as %s', (file) => {
  it.each(['bench', 'deep', 'fast94-muon', 'fast96'] as const)(
    '%s comes back as it was',
    { timeout: 120_000 },
    async (name) => {
      const model = NETS[name].build({ seed: null, dataset: CIFAR10 });
      randomise(model);
      await adoptConstants(model);
      expect(await difference(model, file)).toBeLessThan(1e-6);
      model.dispose();
    },
  );

  it('a network of branches, with a layer that is called twice, comes back', async () => {
    const model = branched(SHAPE, 10);
    randomise(model);
    expect(await difference(model, file)).toBeLessThan(1e-6);
    model.dispose();
  });

  it('all kinds of layers come back', async () => {
    const small = { filters: 4, kernelSize: 3, strides: 2 } as const;
    const model = tfl.sequential({
      layers: [
        layers.inputLayer({ inputShape: SHAPE }),
        layers.rescaling({ scale: 2, offset: -1 }),
        layers.zeroPadding2d({ padding: 1 }),
        layers.gaussianNoise({ stddev: 0.1 }),
        layers.conv2d({ ...small, padding: 'same', activation: 'swish' }),
        layers.batchNormalization({ scale: false, epsilon: 0.1 }),
        layers.leakyReLU({ alpha: 0.2 }),
        layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, useBias: false }),
        layers.reLU({ maxValue: 1.5 }),
        layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
        layers.elu(),
        layers.dropout({ rate: 0.5 }),
        layers.gaussianDropout({ rate: 0.5 }),
        layers.flatten(),
        layers.dense({ units: 10, activation: 'softmax' as const }),
      ],
    });
    randomise(model);
    expect(await difference(model, file)).toBeLessThan(1e-6);
    model.dispose();
  });

  it('paths as names of layers become names', async () => {
    const model = tfl.sequential({
      layers: ['a/../x', 'a____x', 'a.b', 'a-b', 'a//b'].map((name, i) =>
        layers.dense({ units: 4, name, ...(i === 0 && { inputShape: SHAPE }) }),
      ),
    });
    model.add(layers.flatten());
    model.add(layers.dense({ units: 10, activation: 'softmax' }));
    randomise(model);
    expect(await difference(model, file)).toBeLessThan(1e-5);
    const path = join(temporaryFolder(), file);
    writeFileSync(path, await WRITERS[file](model, {}));
    const read = await readKerasFile(path);
    const names = read.layers.slice(1, 6).map(({ config }) => config.name);
    expect(names).toEqual(['a____x', 'a____x_2', 'a_b', 'a_b_2', 'a__b']);
    model.dispose();
  });

  it.each<[string, tfl.layers.Layer, RegExp]>([
    [
      'a layer that is not the same in Keras',
      layers.upSampling2d({ size: [2, 2], name: 'up' }),
      /layer up \(UpSampling2D\) cannot be written for Keras: layers of its kind are not known/,
    ],
    [
      'an activation that is not the same',
      layers.activation({ activation: 'hardSigmoid', name: 'hard' }),
      /layer hard .*its setting activation is "hardSigmoid"/,
    ],
    [
      'channels that come first',
      layers.globalAveragePooling2d({ dataFormat: 'channelsFirst', name: 'mean' }),
      /layer mean .*its setting data_format is "channels_first"/,
    ],
  ])('is refused for %s, by its name', async (_name, layer, reason) => {
    const model = tfl.sequential({ layers: [layers.inputLayer({ inputShape: SHAPE }), layer] });
    await expect(WRITERS[file](model, {})).rejects.toThrow(reason);
    model.dispose();
  });
});

describe('a file of Keras 3', () => {
  it('is the same whenever it is written, and says what goes in and comes out', async () => {
    const model = branched(SHAPE, 10);
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const write = (day: string) => {
      vi.setSystemTime(new Date(day));
      return kerasArchive(model, { classNames: '["a","b"]' });
    };
    const [first, second] = [await write('2026-01-01'), await write('2026-05-06')];
    expect(Buffer.from(first).equals(second)).toBe(true);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse('2026-05-06'));
    const { 'metadata.json': metadata } = unzipSync(first);
    expect(JSON.parse(strFromU8(metadata))).toEqual({ keras_version: '3.0.0', classNames: '["a","b"]' });
    model.dispose();
  });
});
