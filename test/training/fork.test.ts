import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { resolveTrainConfig } from '../../src/config/resolveTrainConfig.js';
import type { TrainConfig } from '../../src/config/trainOptions.js';
import { CIFAR10 } from '../../src/dataset/cifar10.js';
import { readSafetensors } from '../../src/io/safetensors.js';
import { readHistory } from '../../src/runs/history.js';
import { type RunFolder, keptEpochs, runFolder } from '../../src/runs/runFolder.js';
import { readRunRecord } from '../../src/runs/runRecord.js';
import { trainForked, trainNew, trainResumed } from '../../src/training/train.js';
import { InterruptedError } from '../../src/util/errors.js';
import { DATA_DIR, lastingFolder, temporaryFolder } from '../helpers/folders.js';
import { QUIET, SILENT } from '../helpers/reporter.js';

/** Four epochs of three steps. */
const SHORT: Partial<TrainConfig> = {
  ...{ model: 'fast-proxy', backend: 'wasm', dataDir: DATA_DIR, workers: 0, augment: 'normal' },
  ...{ limitTrain: 9, limitTest: 4, batchSize: 3, epochs: 4, ema: 0.9 },
};
const STEP: Partial<TrainConfig> = { schedule: 'step', stepEpochs: [2], stepFactors: [0.1] };

/** Everything that two runs which ended alike have in common. */
function endOfRun(folder: RunFolder) {
  const { tensors } = readSafetensors(folder.checkpoint);
  const { status, last, best } = readRunRecord(folder);
  return {
    tensors: new Map(
      [...tensors].map(([name, { data }]) => [name, createHash('sha256').update(data).digest('hex')]),
    ),
    models: [folder.last, folder.best].map((model) =>
      readdirSync(model).filter((name) => name.endsWith('.bin')),
    ),
    losses: readHistory(folder).map(({ trainLoss, validationLoss, learningRate }) => [
      trainLoss,
      validationLoss,
      learningRate,
    ]),
    ...{ status, last, best },
  };
}

const home = lastingFolder();
let parent: RunFolder;
let separate: RunFolder;
beforeAll(async () => {
  const config = (options: Partial<TrainConfig>) =>
    resolveTrainConfig({ ...SHORT, ...options, modelsDir: home });
  ({ folder: parent } = await trainNew(config({ keepCheckpoints: [2, 3] }), 'parent', QUIET));
  ({ folder: separate } = await trainNew(config(STEP), 'separate', QUIET));
});

/** The parent in a folder of its own. */
function withParent(): { modelsDir: string; copy: RunFolder } {
  const modelsDir = temporaryFolder();
  const copy = runFolder(join(modelsDir, 'parent'));
  cpSync(parent.path, copy.path, { recursive: true });
  return { modelsDir, copy };
}

describe('a run that is forked', () => {
  it('ends with the bits of one trained from the beginning, and lives without the other, which is not touched', async () => {
    const { modelsDir, copy } = withParent();
    expect(keptEpochs(copy)).toEqual([2, 3]);
    const before = readFileSync(copy.record, 'utf8');
    const { folder, record } = await trainForked(
      { parent: copy, epoch: 2 },
      { ...STEP, modelsDir },
      'fork',
      QUIET,
    );
    expect(readFileSync(copy.record, 'utf8')).toBe(before);
    expect(endOfRun(folder)).toEqual(endOfRun(separate));
    expect(endOfRun(folder).tensors).not.toEqual(endOfRun(parent).tensors);
    const whole = readRunRecord(parent);
    expect(record.forkedFrom).toMatchObject({ run: 'parent', epoch: 2 });
    expect(record.forkedFrom?.petaflop).toBeCloseTo(whole.petaflop / 2, 12);
    expect([record.imagesTrained, record.petaflop]).toEqual([whole.imagesTrained, whole.petaflop]);
    expect(record.starts).toMatchObject([
      { epoch: 0, step: 0 },
      { epoch: 2, step: 0 },
    ]);
    rmSync(copy.path, { recursive: true });
    const longer = await trainResumed(folder, { epochs: 5 }, QUIET);
    expect(readHistory(longer.folder)).toHaveLength(5);
    expect(readdirSync(modelsDir)).toEqual(['fork']);
  });

  it('and stopped goes on to the same bits; two of one default name have a folder each', async () => {
    const { modelsDir, copy } = withParent();
    const controller = new AbortController();
    const stepped = () => controller.abort(new InterruptedError('stop'));
    const options = { dataset: CIFAR10, reporter: { ...SILENT, stepped }, signal: controller.signal };
    const point = { parent: copy, epoch: 2 };
    await expect(trainForked(point, { ...STEP, modelsDir }, undefined, options)).rejects.toThrow(
      InterruptedError,
    );
    const { folder } = await trainForked(point, { ...STEP, modelsDir }, undefined, QUIET);
    const first = runFolder(join(modelsDir, 'fast-proxy-normal-step-s1'));
    await trainResumed(first, {}, QUIET);
    expect(folder.name).toBe('fast-proxy-normal-step-s1-2');
    expect([endOfRun(first), endOfRun(folder)]).toEqual([endOfRun(separate), endOfRun(separate)]);
  });

  it('may go on with smaller images, whose arithmetic is less', async () => {
    const { modelsDir, copy } = withParent();
    const imageSizes = '32,24@0.5,32@0.75';
    const { record } = await trainForked(
      { parent: copy, epoch: 2 },
      { imageSizes, modelsDir },
      'fork',
      QUIET,
    );
    const whole = readRunRecord(copy);
    expect(record.forkedFrom?.petaflop).toBeCloseTo(whole.petaflop / 2, 12);
    const share = (record.smallGigaflop?.[24] ?? NaN) / record.forwardGigaflop;
    expect(record.petaflop / whole.petaflop).toBeCloseTo((3 + share) / 4, 9);
  });

  it.each<[string, number, Partial<TrainConfig>, RegExp]>([
    [
      'after an epoch that was not kept',
      1,
      STEP,
      /has not kept its state after epoch 1: kept are those after 2, 3\./,
    ],
    ['with another seed', 2, { seed: 5 }, /cannot differ before it, and does in --seed \(1, 5\)/],
    [
      'with a rate that was lower before',
      3,
      { ...STEP, stepEpochs: [1] },
      /does in the learning rate, from epoch 2 on/,
    ],
    ['with smaller images before', 2, { imageSizes: '24,32@0.5' }, /does in --image-sizes, from epoch 1 on/],
    ['with another rate', 2, { learningRate: 0.1 }, /does in --learning-rate/],
    ['with no epochs left', 3, { epochs: 3 }, /--epochs: expected more than the 3 already trained, got 3/],
    ['under a name that is taken', 2, STEP, /There is already a run parent: choose another --name/],
  ])('%s is refused, and leaves nothing', async (what, epoch, given, message) => {
    const { modelsDir, copy } = withParent();
    const name = what.includes('name') ? 'parent' : 'fork';
    await expect(trainForked({ parent: copy, epoch }, { ...given, modelsDir }, name, QUIET)).rejects.toThrow(
      message,
    );
    expect(readdirSync(modelsDir)).toEqual(['parent']);
  });

  it('by a run that kept none is told how to keep them', async () => {
    await expect(trainForked({ parent: separate, epoch: 2 }, {}, 'x', QUIET)).rejects.toThrow(
      /has not kept its state after epoch 2: train it with --keep-checkpoints 2/,
    );
  });
});

it('a state that was not kept because of a kill is kept at the next start', async () => {
  const { copy } = withParent();
  // As if the kill had come between the checkpoint after the last epoch and the keeping of it.
  expect(existsSync(join(copy.kept, 'epoch-4'))).toBe(false);
  await trainResumed(copy, { keepCheckpoints: [4], epochs: 5 }, QUIET);
  expect(keptEpochs(copy)).toEqual([2, 3, 4]);
});
