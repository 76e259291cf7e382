import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { resolveTrainConfig } from '../../src/config/resolveTrainConfig.js';
import type { TrainConfig } from '../../src/config/trainOptions.js';
import { CIFAR10 } from '../../src/dataset/cifar10.js';
import { splitValidation } from '../../src/dataset/imageSet.js';
import { evaluate } from '../../src/evaluation/evaluate.js';
import { Predictor } from '../../src/evaluation/predictor.js';
import { testTimeAugment } from '../../src/evaluation/testTimeAugment.js';
import { exportModel } from '../../src/exchange/exportModel.js';
import { loadModel } from '../../src/io/modelFiles.js';
import { type RunFolder, runFolder } from '../../src/runs/runFolder.js';
import { readRunRecord } from '../../src/runs/runRecord.js';
import { trainNew } from '../../src/training/train.js';
import { testImages, trainImages } from '../helpers/data.js';
import { DATA_DIR, temporaryFolder } from '../helpers/folders.js';
import { QUIET } from '../helpers/reporter.js';

const ENGINE = { backend: 'wasm', precision: 'auto', threads: 0 } as const;
const OPTIONS: Partial<TrainConfig> = {
  ...{ model: 'fast-proxy', epochs: 2, batchSize: 20, limitTrain: 200, learningRate: 0.01 },
  ...{ validationSplit: 0.4, labelSmoothing: 0.2, tta: 'flip', dataDir: DATA_DIR, ...ENGINE },
};

async function trained(): Promise<RunFolder> {
  const modelsDir = temporaryFolder();
  const config = resolveTrainConfig({ ...OPTIONS, modelsDir });
  await trainNew(config, 'r', QUIET);
  return runFolder(join(modelsDir, 'r'));
}

/** What a program that knows nothing of ours computes. */
async function stockProbabilities(folder: string, images: Uint8Array): Promise<Float32Array> {
  const { model } = await loadModel(folder);
  const count = images.length / 3072;
  const answers = tf.tidy(() => {
    const pixels = tf.div(tf.tensor(Float32Array.from(images), [count, 32, 32, 3]), 255);
    return (model.predict(pixels) as tf.Tensor).dataSync<'float32'>().slice();
  });
  model.dispose();
  return answers;
}

const worst = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

describe('a run with images held out', () => {
  it('fits its temperatures, and exports weights that are calibrated, once', async () => {
    const run = await trained();
    const record = readRunRecord(run);
    const temperatures = record.temperatures;
    expect(temperatures?.from).toBe('held-out images');
    expect(temperatures?.single).not.toBe(1);
    expect(temperatures?.views).not.toBe(1);
    expect(temperatures?.views).not.toBe(temperatures?.single);
    // The model travels with them.
    const { model, metadata } = await loadModel(run.last);
    model.dispose();
    expect(metadata.temperatures).toEqual(temperatures);

    // On the very images that they were fitted on no other does better.
    const { validation } = splitValidation(trainImages(200), 0.4, 1);
    const held = await evaluate(run.last, validation, record.config);
    expect(held.calibrated.temperature).toBe(temperatures?.single);
    expect(held.calibrated.loss).toBeLessThanOrEqual(held.calibration.loss);

    const test = testImages(80);
    const options = { weights: 'last', float16: false, engine: ENGINE } as const;
    const first = join(run.path, '../first');
    const second = join(run.path, '../second');
    await exportModel(run, first, test, options);
    await exportModel(runFolder(first), second, test, options);

    const own = await evaluate(run.last, test, record.config);
    const predictor = await Predictor.open(run, CIFAR10, { weights: 'last', views: 'none' });
    const probabilities = await predictor.probabilities(test.images);
    predictor.dispose();
    const views = { preset: 'flip', share: 1 } as const;
    const tta = { batchSize: 80, workers: 0, config: record.config };
    const plainArray = await testTimeAugment(run.last, test, views, tta);
    for (const folder of [runFolder(first), runFolder(second)]) {
      expect(readRunRecord(folder).foldedTemperature).toBe(temperatures?.single);
      // A single look has the same probabilities on every road, and the same answers.
      expect(worst(await stockProbabilities(folder.last, test.images), probabilities)).toBeLessThan(1e-5);
      const exported = await evaluate(folder.last, test, record.config);
      expect(exported.accuracy).toBe(own.accuracy);
      expect(exported.confusion).toEqual(own.confusion);
      expect(exported.calibration.expectedError).toBeCloseTo(own.calibration.expectedError, 5);
      expect(exported.calibrated.expectedError).toBeCloseTo(own.calibrated.expectedError, 5);
      // Averages are made of what was trained.
      const array = await testTimeAugment(folder.last, test, views, tta);
      expect(worst(array.probabilities, plainArray.probabilities)).toBeLessThan(1e-5);
      expect(array.temperature).toBe(temperatures?.views);
    }
    expect(worst(await stockProbabilities(run.last, test.images), probabilities)).toBeGreaterThan(1e-3);
  });
});

describe('a run that is measured on the test set', () => {
  it('has the temperature 1, and is exported as it is', async () => {
    const modelsDir = temporaryFolder();
    const config = resolveTrainConfig({
      ...OPTIONS,
      validationSplit: 0,
      limitTest: 20,
      epochs: 1,
      modelsDir,
    });
    await trainNew(config, 'r', QUIET);
    const run = runFolder(join(modelsDir, 'r'));
    expect(readRunRecord(run).temperatures).toEqual({ single: 1, views: 1, ensemble: 1, from: 'nothing' });
    const target = join(modelsDir, 'out');
    await exportModel(run, target, testImages(50), { weights: 'last', float16: false, engine: ENGINE });
    const { images } = testImages(20);
    expect(await stockProbabilities(join(target, 'last'), images)).toEqual(
      await stockProbabilities(run.last, images),
    );
  });
});
