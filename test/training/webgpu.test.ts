import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { resolveTrainConfig } from '../../src/config/resolveTrainConfig.js';
import type { TrainConfig } from '../../src/config/trainOptions.js';
import { CIFAR10 } from '../../src/dataset/cifar10.js';
import { readSafetensors } from '../../src/io/safetensors.js';
import { readHistory } from '../../src/runs/history.js';
import { type RunFolder, runFolder } from '../../src/runs/runFolder.js';
import { SILENT } from '../../src/training/reporter.js';
import { trainNew, trainResumed } from '../../src/training/train.js';
import { describeWebGpu } from '../engine/webgpu/setup.js';
import { DATA_DIR, temporaryFolder } from '../helpers/folders.js';

/** Two epochs of three steps. */
const SHORT: Partial<TrainConfig> = {
  ...{ backend: 'webgpu', dataDir: DATA_DIR, workers: 0, augment: 'normal' },
  ...{ limitTrain: 9, limitTest: 4, batchSize: 3, epochs: 2, tta: 'flip' },
};

const endOf = (folder: RunFolder) => ({
  tensors: readSafetensors(folder.checkpoint).tensors,
  losses: readHistory(folder).map(({ trainLoss, validationLoss }) => [trainLoss, validationLoss]),
});

/** Factors of the loss, of the net and of the proxy. */
function scalesOf({ checkpoint }: RunFolder): unknown[] {
  const { position } = readSafetensors(checkpoint).metadata;
  const { lossScale, proxyLossScale } = JSON.parse(position) as Record<string, unknown>;
  return [lossScale, proxyLossScale];
}

describeWebGpu('a run on a graphics device', () => {
  it.each<[string, Partial<TrainConfig>]>([
    ['Adam and dropout', { model: 'bench' }],
    ['SGD, lookahead and hard images', { ...lookahead(), hardShare: 0.67 }],
    ['Muon', { model: 'fast-proxy-muon', optimizer: 'muon', learningRate: 0.1, schedule: 'triangle' }],
    ['smaller images first, and Muon', { ...smallMuon(), imageSizes: '24,32@0.5' }],
    ['16 bits, and hard images', { ...lookahead(), hardShare: 0.67, precision: 'f16' }],
  ])('with %s ends with the same bits after a kill', { timeout: 300_000 }, async (_name, options) => {
    const modelsDir = temporaryFolder();
    const killed = runFolder(join(modelsDir, 'killed'));
    const { folder, record } = await trainNew(
      resolveTrainConfig({ ...SHORT, ...options, modelsDir }),
      'whole',
      {
        dataset: CIFAR10,
        reporter: {
          ...SILENT,
          epochEnded: ({ epoch }) => {
            // A kill after the first epoch's checkpoint would leave the folder as it is now.
            if (epoch === 0) cpSync(join(modelsDir, 'whole'), killed.path, { recursive: true });
          },
        },
      },
    );
    expect(record).toMatchObject({ status: 'finished', tta: { preset: 'flip' } });
    const { precision = 'f32' } = options;
    expect(record.starts[0]).toMatchObject({ backend: 'webgpu', precision });
    expect(scalesOf(folder).map((scale) => scale !== undefined)).toEqual(
      ['lossScale', 'proxyLossScale'].map(() => precision === 'f16'),
    );
    await trainResumed(killed, {}, { dataset: CIFAR10, reporter: SILENT });
    expect(endOf(killed)).toEqual(endOf(folder));
    expect(scalesOf(killed)).toEqual(scalesOf(folder));
  });
});

/** Muon with rarer rescaling and decay. */
function smallMuon(): Partial<TrainConfig> {
  return { model: 'fast-proxy-muon', optimizer: 'muon', muonRescale: [2, 3], muonDecay: 0.1 };
}

function lookahead(): Partial<TrainConfig> {
  return { model: 'fast-proxy', optimizer: 'sgd', learningRate: 0.01, lookahead: 2 };
}
