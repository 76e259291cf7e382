import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfLayers from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { resolveTrainConfig } from '../../src/config/resolveTrainConfig.js';
import type { TrainConfig } from '../../src/config/trainOptions.js';
import { CIFAR10 } from '../../src/dataset/cifar10.js';
import { selectBackend } from '../../src/engine/select.js';
import { exportModel } from '../../src/exchange/exportModel.js';
import { Predictor } from '../../src/evaluation/predictor.js';
import { testTimeAugment } from '../../src/evaluation/testTimeAugment.js';
import { readSafetensors } from '../../src/io/safetensors.js';
import { loadModel } from '../../src/io/modelFiles.js';
import { buildOwnNet } from '../../src/nets/ownNet.js';
import { runFolder } from '../../src/runs/runFolder.js';
import { readRunRecord } from '../../src/runs/runRecord.js';
import { trainNew, trainResumed } from '../../src/training/train.js';
import { testImages } from '../helpers/data.js';
import { DATA_DIR, temporaryFolder } from '../helpers/folders.js';
import { QUIET } from '../helpers/reporter.js';

const EXAMPLE = new URL('../../examples/net.mjs', import.meta.url).pathname;
const ENGINE = { backend: 'wasm', precision: 'auto', threads: 0 } as const;

const SHORT: Partial<TrainConfig> = {
  ...{
    epochs: 2,
    batchSize: 10,
    limitTrain: 40,
    limitTest: 10,
    augment: 'normal',
    dataDir: DATA_DIR,
    workers: 0,
  },
  ...ENGINE,
};

beforeAll(async () => void (await selectBackend('wasm')));

describe('a network of one’s own', () => {
  it('is trained, interrupted, resumed to the same bits, averaged, asked and exported like the others', async () => {
    const modelsDir = temporaryFolder();
    const module = join(modelsDir, 'mine.mjs');
    copyFileSync(EXAMPLE, module);
    const config = resolveTrainConfig({ ...SHORT, model: module, modelsDir });
    const whole = await trainNew(config, undefined, QUIET);
    expect(whole.folder.name).toBe('mine-normal-s1');
    expect(whole.record.networkSha256).toMatch(/^[0-9a-f]{64}$/);
    await trainNew(config, 'parts', { ...QUIET, untilEpoch: 1 });
    const parts = runFolder(join(modelsDir, 'parts'));
    await trainResumed(parts, {}, QUIET);
    const bits = (folder: typeof parts) =>
      [...readSafetensors(folder.checkpoint).tensors].map(([name, { data }]) => [
        name,
        Buffer.from(data.buffer).toString('base64'),
      ]);
    expect(bits(parts)).toEqual(bits(whole.folder));

    const test = testImages(20);
    const record = readRunRecord(parts);
    const views = { preset: 'flip', share: 1 } as const;
    const { probabilities } = await testTimeAugment(parts.last, test, views, {
      batchSize: 20,
      workers: 0,
      config: record.config,
    });
    expect(probabilities).toHaveLength(200);
    const predictor = await Predictor.open(parts, CIFAR10, { weights: 'last', views: 'none' });
    const answers = await predictor.probabilities(test.images);
    predictor.dispose();
    const target = join(modelsDir, 'out');
    await exportModel(parts, target, test, { weights: 'last', float16: false, engine: ENGINE });
    expect(readFileSync(join(target, 'mine.mjs'), 'utf8')).toBe(readFileSync(EXAMPLE, 'utf8'));
    expect(readFileSync(join(target, 'run.json'), 'utf8')).not.toContain(modelsDir);
    const { model } = await loadModel(runFolder(target).last);
    const stock = tf.tidy(() => {
      const images = tf.div(tf.tensor(Float32Array.from(test.images), [20, 32, 32, 3]), 255);
      return (model.predict(images) as tf.Tensor).dataSync<'float32'>().slice();
    });
    model.dispose();
    stock.forEach((value, i) => expect(Math.abs(value - answers[i])).toBeLessThan(1e-5));

    // What has changed is not gone on with.
    writeFileSync(module, `${readFileSync(module, 'utf8')}\n// Another.\n`);
    await expect(trainResumed(parts, { epochs: 3 }, QUIET)).rejects.toThrow(
      /mine\.mjs has changed since the run began/,
    );
    expect(existsSync(parts.checkpoint)).toBe(true);
  });

  it('may be a function, which is needed again to go on', async () => {
    const modelsDir = temporaryFolder();
    const network = ({
      tf: t,
      classes,
      imageShape,
    }: {
      tf: typeof tf & Record<string, never>;
      classes: number;
      imageShape: number[];
    }) => {
      const { sequential, layers } = t as unknown as typeof tfLayers;
      return sequential({
        layers: [
          layers.conv2d({
            filters: 4,
            kernelSize: 3,
            strides: 2,
            activation: 'relu',
            inputShape: imageShape,
          }),
          layers.flatten(),
          layers.dense({ units: classes }),
        ],
      });
    };
    const config = resolveTrainConfig({ ...SHORT, model: 'function:small', modelsDir });
    const options = { ...QUIET, network: network as never };
    const { folder } = await trainNew(config, undefined, options);
    expect(folder.name).toBe('small-normal-s1');
    await expect(trainResumed(folder, { epochs: 3 }, QUIET)).rejects.toThrow(
      /a function of the program that trained it/,
    );
    const { record } = await trainResumed(folder, { epochs: 3 }, options);
    expect(record.last?.epoch).toBe(2);
  });

  const seeds = async (source: string) => {
    const path = join(temporaryFolder(), 'net.mjs');
    writeFileSync(path, source);
    const weights = async (seed: number) => {
      const model = await buildOwnNet(path, { seed, dataset: CIFAR10 });
      const values = model.getWeights().flatMap((weight) => [...weight.dataSync<'float32'>()]);
      model.dispose();
      return values;
    };
    return { one: await weights(1), again: await weights(1), two: await weights(2) };
  };

  it('has its first weights from the run’s seed, whether it takes that or not', async () => {
    const { one, again, two } = await seeds(
      'export default ({ tf }) => tf.sequential({ layers: [tf.layers.flatten({ inputShape: [32, 32, 3] }), tf.layers.dense({ units: 10 })] });',
    );
    expect(again).toEqual(one);
    expect(two).not.toEqual(one);
  });

  const layers = (last: string) =>
    `export default ({ tf }) => tf.sequential({ layers: [tf.layers.flatten({ inputShape: [32, 32, 3] }), ${last}] });`;
  it.each([
    ['no module', undefined, /the module cannot be loaded/],
    ['a fault in it', 'export default () => { throw new Error("oh"); };', /cannot build its network: oh/],
    ['no function', 'export default 3;', /default export is a function .* got "number"/],
    ['no model', 'export default () => 3;', /gives a model of tf\.sequential or tf\.model, got "number"/],
    [
      'another input',
      layers('tf.layers.dense({ units: 10 })').replace('32, 32, 3', '28, 28, 1'),
      /one input of 32×32×3, got 28×28×1/,
    ],
    ['other classes', layers('tf.layers.dense({ units: 7 })'), /one output of 10 classes, got 7/],
    [
      'another activation',
      layers('tf.layers.dense({ units: 10, activation: "sigmoid" })'),
      /has the activation sigmoid; expected softmax/,
    ],
    [
      'noise',
      layers('tf.layers.gaussianNoise({ stddev: 1 }), tf.layers.dense({ units: 10 })'),
      /GaussianNoise\) draws random numbers/,
    ],
    [
      'a layer of its own',
      `export default ({ tf }) => { class Mine extends tf.layers.Layer { static className = 'Mine'; call(x) { return Array.isArray(x) ? x[0] : x; } computeOutputShape(s) { return s; } }
       return tf.sequential({ layers: [tf.layers.flatten({ inputShape: [32, 32, 3] }), new Mine({}), tf.layers.dense({ units: 10 })] }); };`,
      /not made of tfjs's own layers/,
    ],
  ])('is refused for %s', async (_name, source, reason) => {
    const path = join(temporaryFolder(), 'net.mjs');
    if (source !== undefined) writeFileSync(path, source);
    await expect(buildOwnNet(path, { seed: 1, dataset: CIFAR10 })).rejects.toThrow(reason);
  });
});
