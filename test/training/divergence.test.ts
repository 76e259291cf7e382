import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { afterEach, describe, expect, it } from 'vitest';
import { resolveTrainConfig } from '../../src/config/resolveTrainConfig.js';
import type { TrainConfig } from '../../src/config/trainOptions.js';
import { CIFAR10 } from '../../src/dataset/cifar10.js';
import { describeBackends, selectBackend } from '../../src/engine/select.js';
import { evaluate } from '../../src/evaluation/evaluate.js';
import { loadModel, saveModel } from '../../src/io/modelFiles.js';
import { NETS, logitsModel } from '../../src/nets/index.js';
import { namedWeights } from '../../src/nets/namedWeights.js';
import { Sgd } from '../../src/nn/optimizers/sgd.js';
import { runFolder } from '../../src/runs/runFolder.js';
import { trainNew } from '../../src/training/train.js';
import { TrainingStep } from '../../src/training/trainingStep.js';
import { FiniteWatch } from '../../src/training/finiteWatch.js';
import { update } from '../../src/training/update.js';
import { areFinite } from '../../src/util/finite.js';
import { testImages } from '../helpers/data.js';
import { DATA_DIR, temporaryFolder } from '../helpers/folders.js';
import { isBeforeMaximum, plantNaN, plantedLayers } from '../helpers/plantNaN.js';
import { normals } from '../helpers/compare.js';
import { QUIET, SILENT } from '../helpers/reporter.js';

const SHORT: Partial<TrainConfig> = {
  ...{ model: 'fast-proxy', backend: 'wasm', dataDir: DATA_DIR, workers: 0 },
  ...{ limitTrain: 9, limitTest: 4, batchSize: 3, epochs: 2, optimizer: 'sgd', schedule: 'constant' },
};

describe('a training that diverges', () => {
  const train = async (options: Partial<TrainConfig>) => {
    const modelsDir = temporaryFolder();
    const config = resolveTrainConfig({ ...SHORT, ...options, modelsDir });
    const error = await trainNew(config, 'boom', QUIET).then(
      () => undefined,
      (reason: unknown) => reason as Error,
    );
    return { error, folder: runFolder(join(modelsDir, 'boom')) };
  };

  it('is told by its loss, and leaves neither model nor checkpoint of what it came to', async () => {
    const { error, folder } = await train({ learningRate: 1e30 });
    expect(error?.message).toMatch(
      /^The loss became .* in epoch 1, step [23]: training diverged\. No epoch had been finished/,
    );
    expect(JSON.parse(readFileSync(folder.record, 'utf8'))).toMatchObject({ status: 'diverged' });
    expect(readdirSync(folder.path).sort()).toEqual(
      ['config.yaml', 'events.out.tfevents', 'run.json'].map((n) => expect.stringContaining(n) as string),
    );
  });

  it('is seen in its last update, which no loss shows', async () => {
    const { error, folder } = await train({ learningRate: 1e30, limitTrain: 3, epochs: 1 });
    expect(error?.message).toMatch(
      /^The network's answers stopped being numbers in epoch 1: training diverged/,
    );
    expect(existsSync(folder.last) || existsSync(folder.best) || existsSync(folder.checkpoint)).toBe(false);
  });

  it('is seen before an interruption saves it', async () => {
    const modelsDir = temporaryFolder();
    const config = resolveTrainConfig({ ...SHORT, learningRate: Infinity, modelsDir });
    const controller = new AbortController();
    const reporter = { ...SILENT, stepped: () => controller.abort(new Error('stop')) };
    const training = trainNew(config, 'boom', { dataset: CIFAR10, reporter, signal: controller.signal });
    await expect(training).rejects.toThrow(
      /came to hold values that are not numbers in epoch 1: training diverged/,
    );
    expect(existsSync(join(modelsDir, 'boom', 'checkpoint.safetensors'))).toBe(false);
  });
});

describe('a model with a weight that is not a number', () => {
  it('is refused by its weight, whatever reads it', async () => {
    await selectBackend('wasm');
    const folder = temporaryFolder();
    const model = NETS.bench.build({ seed: 1, dataset: CIFAR10 });
    const weight = namedWeights(model)[2].variable;
    const values = weight.dataSync<'float32'>().slice();
    values[5] = NaN;
    weight.assign(tf.tensor(values, weight.shape));
    await saveModel(model, folder);
    const message = /the model's weights conv2\/kernel are not numbers: its training diverged/;
    await expect(loadModel(folder)).rejects.toThrow(message);
    await expect(evaluate(folder, testImages(2), resolveTrainConfig())).rejects.toThrow(message);
    model.dispose();
  });
});

const usable = (await describeBackends()).filter((each) => each.usable).map(({ name }) => name);

describe.each((['onednn', 'wasm'] as const).filter((name) => usable.includes(name)))('on %s', (backend) => {
  let model: LayersModel | undefined;
  afterEach(() => {
    model?.dispose();
  });

  it.each(['bench', 'fast94-muon'] as const)(
    'NaN behind any layer of %s is in the loss or in the weights after the update',
    async (name) => {
      await selectBackend(backend);
      model = NETS[name].build({ seed: 1, dataset: CIFAR10 });
      const parameters = namedWeights(model).filter(({ trainable }) => trainable);
      const first = parameters.map(({ variable }) => variable.clone());
      const optimizer = new Sgd(parameters, {
        momentum: 0,
        nesterov: false,
        weightDecays: parameters.map(() => 0),
      });
      const settings = { microBatch: 2, batchSize: 2, labelSmoothing: 0, beforePart: () => undefined };
      const step = new TrainingStep(logitsModel(model), parameters, settings);
      const batch = { images: normals(2 * 32 * 32 * 3, 1), labels: Uint8Array.of(0, 1) };
      const unseen: string[] = [];
      for (const [index, layer] of plantedLayers(model)) {
        const repair = plantNaN(layer);
        const { lossSum } = await update(
          { step, parameters, optimizer, watch: new FiniteWatch() },
          batch,
          () => 1e-3,
          0,
        );
        repair();
        let isSeen = !Number.isFinite(lossSum);
        for (const [i, { variable }] of parameters.entries()) {
          isSeen ||= !areFinite(await variable.data<'float32'>());
          variable.assign(first[i]);
        }
        if (!isSeen && !isBeforeMaximum(model, index)) unseen.push(layer.name);
      }
      tf.dispose(first);
      optimizer.dispose();
      expect(unseen).toEqual([]);
    },
  );
});
