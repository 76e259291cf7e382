import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { resolveTrainConfig } from '../../src/config/resolveTrainConfig.js';
import { CIFAR10 } from '../../src/dataset/cifar10.js';
import { selectBackend } from '../../src/engine/select.js';
import { namedWeights } from '../../src/nets/namedWeights.js';
import { NETS, logitsModel } from '../../src/nets/index.js';
import { FiniteWatch } from '../../src/training/finiteWatch.js';
import { createOptimizer } from '../../src/training/optimizer.js';
import { TrainingStep } from '../../src/training/trainingStep.js';
import { update } from '../../src/training/update.js';
import { describeWebGpu } from '../engine/webgpu/setup.js';
import { normals } from '../helpers/compare.js';
import { isBeforeMaximum, plantNaN, plantedLayers } from '../helpers/plantNaN.js';

describeWebGpu('a training that diverges on a graphics device', () => {
  beforeAll(async () => void (await selectBackend('webgpu')));

  it.each(['bench', 'fast-proxy-muon'] as const)(
    'NaN behind any layer of %s is in the loss, or in the flag that is read beside the next one',
    { timeout: 240_000 },
    async (name) => {
      const model = NETS[name].build({ seed: 1, dataset: CIFAR10 });
      const parameters = namedWeights(model).filter(({ trainable }) => trainable);
      const config = resolveTrainConfig(name === 'bench' ? {} : { optimizer: 'muon' });
      const settings = { microBatch: 2, batchSize: 2, labelSmoothing: 0, beforePart: () => undefined };
      const step = new TrainingStep(logitsModel(model), parameters, settings);
      const batch = { images: normals(2 * 32 * 32 * 3, 1), labels: Uint8Array.of(0, 1) };
      const unseen: string[] = [];
      for (const [index, layer] of plantedLayers(model)) {
        const first = parameters.map(({ variable }) => variable.clone());
        const optimizer = createOptimizer(config, parameters, 10);
        const watch = new FiniteWatch();
        const repair = plantNaN(layer);
        const { lossSum } = await update({ step, parameters, optimizer, watch }, batch, () => 1e-3, 0);
        repair();
        const isSeen = !Number.isFinite(lossSum) || !(await watch.areFinite());
        parameters.forEach(({ variable }, i) => variable.assign(first[i]));
        tf.dispose(first);
        optimizer.dispose();
        if (!isSeen && !isBeforeMaximum(model, index)) unseen.push(layer.name);
      }
      model.dispose();
      expect(unseen).toEqual([]);
    },
  );
});
