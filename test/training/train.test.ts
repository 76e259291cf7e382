import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { backend } from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import { resolveTrainConfig } from '../../src/config/resolveTrainConfig.js';
import type { TrainConfig } from '../../src/config/trainOptions.js';
import { readSafetensors } from '../../src/io/safetensors.js';
import { readHistory } from '../../src/runs/history.js';
import type { TrainReporter } from '../../src/training/reporter.js';
import { type RunFolder, runFolder } from '../../src/runs/runFolder.js';
import { readRunRecord } from '../../src/runs/runRecord.js';
import { type TrainOptions, trainNew, trainResumed } from '../../src/training/train.js';
import { InterruptedError } from '../../src/util/errors.js';
import { DATA_DIR, temporaryFolder } from '../helpers/folders.js';
import { QUIET, SILENT } from '../helpers/reporter.js';
import { CIFAR10 } from '../../src/dataset/cifar10.js';

/** One and a half epochs of three steps: three, then two. */
const SHORT: Partial<TrainConfig> = {
  backend: 'wasm',
  dataDir: DATA_DIR,
  workers: 0,
  augment: 'normal',
  limitTrain: 9,
  limitTest: 4,
  batchSize: 3,
  epochs: 1.5,
  tta: 'flip',
};

/** What tells whether two runs ended alike: every tensor of the checkpoint, and the saved model by its sum. */
function endOfRun(folder: RunFolder) {
  const { tensors } = readSafetensors(folder.checkpoint);
  const { status, tta } = readRunRecord(folder);
  return {
    tensors: new Map(
      [...tensors].map(([name, { data }]) => [name, createHash('sha256').update(data).digest('hex')]),
    ),
    model: readdirSync(folder.last).filter((name) => name.endsWith('.bin')),
    status,
    tta,
    losses: readHistory(folder).map(({ trainLoss, validationLoss }) => [trainLoss, validationLoss]),
  };
}

/** Trains until the reporter, which is given the means, interrupts it. */
async function interrupted(
  train: (options: TrainOptions) => Promise<unknown>,
  reporter: (stop: () => void) => Partial<TrainReporter>,
): Promise<void> {
  const controller = new AbortController();
  const stop = () => controller.abort(new InterruptedError('stopped by the test'));
  const options = { dataset: CIFAR10, reporter: { ...SILENT, ...reporter(stop) }, signal: controller.signal };
  await expect(train(options)).rejects.toThrow(InterruptedError);
}

describe('a run of one and a half epochs', () => {
  it.each<[string, Partial<TrainConfig>]>([
    ['Adam', { model: 'bench' }],
    ['lookahead', { model: 'fast-proxy', optimizer: 'sgd', learningRate: 0.01, lookahead: 2 }],
    ['a running average', { model: 'fast-proxy', ema: 0.9 }],
    [
      'Muon',
      {
        ...{
          model: 'fast-proxy-muon',
          optimizer: 'muon',
          learningRate: 0.1,
          schedule: 'triangle',
          peakAt: 0,
        },
        ...{ whiteningEpochs: 0.5, whiteningDecay: true },
      },
    ],
    [
      'smaller images first, filters rescaled now and then, and an averaged tail',
      {
        ...{ model: 'fast-proxy-muon', optimizer: 'muon', learningRate: 0.1, imageSizes: '24,32@0.5' },
        ...{ schedule: 'triangle', peakAt: 0, floorShare: 0.2, tailAverage: 1 },
        ...{ muonRescale: [2, 3], muonDecay: 0.1 },
      },
    ],
    [
      'the hard images of each batch, in parts, with lookahead',
      {
        ...{ model: 'fast-proxy', hardShare: 0.67, microBatch: 2, optimizer: 'sgd', learningRate: 0.01 },
        lookahead: 2,
      },
    ],
  ])('with %s ends with the same bits after a kill and after interruptions', async (_name, options) => {
    const modelsDir = temporaryFolder();
    const config = resolveTrainConfig({ ...SHORT, ...options, modelsDir });
    const stopped = runFolder(join(modelsDir, 'stopped'));
    const { folder, record } = await trainNew(config, 'whole', {
      dataset: CIFAR10,
      reporter: {
        ...SILENT,
        epochEnded: ({ epoch }) => {
          // A kill after the first epoch's checkpoint would leave the folder as it is now.
          if (epoch === 0) cpSync(join(modelsDir, 'whole'), stopped.path, { recursive: true });
        },
      },
    });
    expect(readHistory(folder).map(({ epoch }) => epoch)).toEqual([0, 1]);
    expect(record).toMatchObject({ status: 'finished', last: { epoch: 1 }, tta: { preset: 'flip' } });
    expect(record.starts).toMatchObject([
      { epoch: 0, step: 0, backend: 'wasm', precision: 'f32', threads: 1, host: hostname() },
    ]);
    expect(record.starts[0].commit).toMatch(/^[0-9a-f]{40}(\+changes)?$/);
    expect(record.othersCores).toBeGreaterThanOrEqual(0);
    // Five updates on three images, or on the two hard ones, for which the proxy sees all and is trained twice.
    const isHard = config.hardShare < 1;
    expect(record.imagesTrained).toBe(isHard ? 10 : 15);
    const proxyGigaflop = isHard ? 0.0338 * (5 * 3 + 2 * 3 * 2) : 0;
    const { forwardGigaflop, smallGigaflop, imagesTrained } = record;
    // Three of the five updates are the first epoch's.
    const gigaflop = smallGigaflop ? 0.6 * smallGigaflop[24] + 0.4 * forwardGigaflop : forwardGigaflop;
    expect(record.petaflop * 1e6).toBeCloseTo(3 * gigaflop * imagesTrained + proxyGigaflop, 2);

    expect(readRunRecord(stopped).status).toBe('running');
    const resume = (options: TrainOptions) => trainResumed(stopped, {}, options);
    // Within the partial epoch; while it is validated; after that, while the views are.
    await interrupted(resume, (stop) => ({ stepped: stop }));
    expect(readRunRecord(stopped).status).toBe('interrupted');
    await interrupted(resume, (stop) => ({ validating: stop }));
    let isEpochEnded = false;
    await interrupted(resume, (stop) => ({
      epochEnded: () => void (isEpochEnded = true),
      validating: () => {
        if (isEpochEnded) stop();
      },
    }));
    expect(readHistory(stopped)).toHaveLength(2);
    await resume(QUIET);
    expect(endOfRun(stopped)).toEqual(endOfRun(folder));
  });

  it('has the memory of one size’s tensors given back when images of another come', async () => {
    const sizes = { model: 'fast-proxy', imageSizes: '24,28@0.3,32@0.7', epochs: 3, tta: 'none' } as const;
    const giveBackFree = vi.fn();
    await trainNew(resolveTrainConfig({ ...SHORT, ...sizes, modelsDir: temporaryFolder() }), 'sizes', {
      dataset: CIFAR10,
      reporter: { ...SILENT, stepped: () => void Object.assign(backend(), { giveBackFree }) },
    });
    Reflect.deleteProperty(backend(), 'giveBackFree');
    expect(giveBackFree).toHaveBeenCalledTimes(2);
  });

  it('reports its steps and the rate of its last update, and cannot be made longer', async () => {
    const modelsDir = temporaryFolder();
    const config = resolveTrainConfig({
      ...{ ...SHORT, modelsDir, model: 'fast-proxy', schedule: 'triangle' },
      ...{ peakAt: 0, lastFactor: 0, learningRate: 0.001 },
    });
    const reports: number[][] = [];
    const { folder } = await trainNew(config, 'run', {
      dataset: CIFAR10,
      reporter: {
        ...SILENT,
        stepped: ({ epoch, epochs, step, steps }) => void reports.push([epoch, epochs, step, steps]),
      },
    });
    expect(reports).toEqual([
      [0, 1.5, 1, 3],
      [0, 1.5, 2, 3],
      [0, 1.5, 3, 3],
      [1, 1.5, 1, 2],
      [1, 1.5, 2, 2],
    ]);
    const rates = readHistory(folder).map(({ learningRate }) => learningRate);
    expect(rates[0]).toBeCloseTo(0.001 * (1 - 2 / 5), 12);
    expect(rates[1]).toBeCloseTo(0.001 * (1 - 4 / 5), 12);

    for (const changes of [{}, { epochs: 1.8 }, { epochs: 3 }]) {
      await expect(trainResumed(folder, changes, QUIET)).rejects.toThrow(
        /run has finished its 1\.5 epochs, the last of them in part, and cannot go on from there: train a new run/,
      );
    }
  });

  it('validates after every second epoch and after the last one, on the same way', async () => {
    const modelsDir = temporaryFolder();
    const config = resolveTrainConfig({ ...SHORT, model: 'fast-proxy', epochs: 2.5, modelsDir });
    const { folder } = await trainNew(config, 'each', QUIET);
    const sparse = runFolder(join(modelsDir, 'second'));
    await interrupted(
      (options) => trainNew({ ...config, validateEvery: 2 }, 'second', options),
      (stop) => ({ epochEnded: stop }),
    );
    // The first epoch has been trained, and there is no result yet.
    expect(readRunRecord(sparse).last).toBeUndefined();
    expect(existsSync(sparse.last)).toBe(false);
    const { record } = await trainResumed(sparse, {}, QUIET);
    const losses = readHistory(folder).map(({ validationLoss }) => validationLoss);
    expect(readHistory(sparse).map(({ validationLoss }) => validationLoss)).toEqual([
      null,
      losses[1],
      losses[2],
    ]);
    expect(readFileSync(sparse.historyCsv, 'utf8').split('\n')[1]).toMatch(/^0,1,[\d.]+,[\d.]+,,,/);
    expect(record.last?.epoch).toBe(2);
    expect(endOfRun(sparse).tensors).toEqual(endOfRun(folder).tensors);
  });

  it.each([
    ['within an epoch', 1.5, 'out-of-time'],
    ['with its last step', 1 / 3, 'finished'],
  ])(
    'out of time %s and interrupted while it is judged, goes on to its result',
    async (_name, epochs, status) => {
      const modelsDir = temporaryFolder();
      const config = resolveTrainConfig({
        ...{ ...SHORT, modelsDir, model: 'fast-proxy', epochs, maxTime: 0.001 },
        ...{ optimizer: 'sgd', learningRate: 0.01, lookahead: 2 },
      });
      const { folder, record } = await trainNew(config, 'whole', QUIET);
      expect(record).toMatchObject({ status, last: { epoch: 0 }, imagesTrained: 3 });
      await interrupted(
        (options) => trainNew(config, 'stopped', options),
        (stop) => ({ validating: stop }),
      );
      const stopped = runFolder(join(modelsDir, 'stopped'));
      expect(existsSync(stopped.last)).toBe(false);
      const resume = (options: TrainOptions) => trainResumed(stopped, {}, options);
      // Once it is validated, while the views are.
      let judgements = 0;
      await interrupted(resume, (stop) => ({
        validating: () => {
          if (++judgements === 2) stop();
        },
      }));
      await resume(QUIET);
      expect(endOfRun(stopped)).toEqual(endOfRun(folder));
    },
  );

  it('can be made longer before its end, not shorter than it is', async () => {
    const modelsDir = temporaryFolder();
    const config = resolveTrainConfig({ ...SHORT, model: 'fast-proxy', modelsDir });
    await interrupted(
      (options) => trainNew(config, 'run', options),
      (stop) => ({
        stepped: ({ epoch, step }) => {
          if (epoch === 1 && step === 1) stop();
        },
      }),
    );
    const folder = runFolder(join(modelsDir, 'run'));
    for (const epochs of [0.5, 1]) {
      await expect(trainResumed(folder, { epochs }, QUIET)).rejects.toThrow(
        `--epochs: expected at least the 1.34 epochs already trained, got ${epochs}.`,
      );
    }
    const { record } = await trainResumed(folder, { epochs: 2 }, QUIET);
    expect(record.status).toBe('finished');
    expect(readHistory(folder)).toHaveLength(2);
  });
});

describe('any network', () => {
  it.each(['bench', 'deep'] as const)('%s: Muon moves its filters, and an average follows', async (model) => {
    const config = resolveTrainConfig({
      ...{
        ...SHORT,
        modelsDir: temporaryFolder(),
        model,
        epochs: 1,
        limitTrain: 4,
        batchSize: 2,
        tta: 'none',
      },
      ...{ optimizer: 'muon', muonRate: 0.05, learningRate: 0.01, labelSmoothing: 0.1, ema: 0.5 },
    });
    const { folder, record } = await trainNew(config, 'run', QUIET);
    expect(record.status).toBe('finished');
    expect(record.last?.loss).toBeLessThan(10);
    const { tensors } = readSafetensors(folder.checkpoint);
    const names = (prefix: string): string[] =>
      [...tensors.keys()].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
    const filters = [...tensors].flatMap(([name, { shape, data }]) =>
      name.startsWith('weights/') && shape.length === 4 ? [{ name: name.slice(8), shape, data }] : [],
    );
    expect(names('optimizer/muon/')).toEqual(filters.map(({ name }) => name));
    for (const { name, shape, data } of filters) {
      // Brought to a length of √filters before each update, whose own is 0.05·√filters or somewhat more.
      const length = Math.sqrt(data.reduce((sum, value) => sum + value * value, 0) / shape[3]);
      expect(Math.abs(length - 1), name).toBeLessThan(0.07);
    }
    expect(names('average/')).toHaveLength(names('weights/').length);
  });

  it('without a whitening convolution refuses epochs for one, unless a recipe brings them along', async () => {
    const base = { ...SHORT, modelsDir: temporaryFolder(), model: 'bench' as const };
    await expect(trainNew(resolveTrainConfig({ ...base, whiteningEpochs: 2 }), 'run', QUIET)).rejects.toThrow(
      /--whitening-epochs has no effect with --model bench/,
    );
    const recipe = resolveTrainConfig(
      { recipe: 'fast94-sgd' },
      { ...base, learningRate: 0.001, epochs: 0.5 },
    );
    expect((await trainNew(recipe, 'run', QUIET)).record.status).toBe('finished');
  });
});
