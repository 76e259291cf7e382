import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { resolveTrainConfig } from '../../src/config/resolveTrainConfig.js';
import type { TrainConfig } from '../../src/config/trainOptions.js';
import { CIFAR10 } from '../../src/dataset/cifar10.js';
import { readSafetensors } from '../../src/io/safetensors.js';
import { NETS, countFlops } from '../../src/nets/index.js';
import { type RunFolder, keptState, runFolder } from '../../src/runs/runFolder.js';
import { readRunRecord } from '../../src/runs/runRecord.js';
import { courseOf } from '../../src/training/freezing.js';
import { stepFlops, stretches } from '../../src/training/stretches.js';
import { trainForked, trainNew, trainResumed } from '../../src/training/train.js';
import { DATA_DIR, temporaryFolder } from '../helpers/folders.js';
import { QUIET } from '../helpers/reporter.js';

const SHORT: Partial<TrainConfig> = {
  ...{ model: 'fast-proxy', backend: 'wasm', dataDir: DATA_DIR, workers: 0, augment: 'normal' },
  ...{ limitTrain: 9, limitTest: 4, batchSize: 3, epochs: 4 },
};

/** Sums of the weights that a checkpoint holds, by their names. */
function weightsOf({ checkpoint }: RunFolder): Map<string, string> {
  const { tensors } = readSafetensors(checkpoint);
  const sum = (data: Float32Array | Uint8Array): string => createHash('sha256').update(data).digest('hex');
  return new Map(
    [...tensors].flatMap(([name, { data }]) =>
      /^weights\/.*\/(kernel|bias|beta)$/.test(name) ? [[name.replace('weights/', ''), sum(data)]] : [],
    ),
  );
}

describe('the first group of convolutions', () => {
  it('stays as it was where it was frozen, and all else goes on, also from a fork, and after a pause within an epoch', async () => {
    const modelsDir = temporaryFolder();
    const config = (options: Partial<TrainConfig>) => resolveTrainConfig({ ...SHORT, ...options, modelsDir });
    const frozen = config({ freezeAt: 0.5 });
    const { folder, record } = await trainNew(frozen, 'frozen', QUIET);
    const { folder: parent } = await trainNew(config({ keepCheckpoints: [2] }), 'parent', QUIET);
    const half = weightsOf(keptState(parent, 2));
    const end = weightsOf(folder);
    const same = [...half].filter(([name, sum]) => end.get(name) === sum).map(([name]) => name);
    expect(same.sort()).toEqual([
      'conv1/kernel',
      'conv2/kernel',
      'norm1/beta',
      'norm2/beta',
      'whiten/bias',
      'whiten/kernel',
    ]);
    const fork = await trainForked({ parent, epoch: 2 }, { freezeAt: 0.5, modelsDir }, 'fork', QUIET);
    expect(weightsOf(fork.folder)).toEqual(end);
    expect(fork.record.petaflop).toBeCloseTo(record.petaflop, 15);
    expect(fork.record.petaflop).toBeLessThan(0.95 * readRunRecord(parent).petaflop);
    await expect(
      trainForked({ parent, epoch: 2 }, { freezeAt: 0.25, modelsDir }, 'early', QUIET),
    ).rejects.toThrow(/cannot differ before it, and does in --freeze-at/);

    const controller = new AbortController();
    let steps = 0;
    const reporter = {
      ...QUIET.reporter,
      stepped: () => {
        if (++steps === 7) controller.abort();
      },
    };
    const options = { ...QUIET, reporter, signal: controller.signal };
    await expect(trainNew(frozen, 'paused', options)).rejects.toThrow();
    await trainResumed(runFolder(join(modelsDir, 'paused')), {}, QUIET);
    expect(weightsOf(runFolder(join(modelsDir, 'paused')))).toEqual(end);
  });

  it('is refused of a network that has no groups', async () => {
    const config = resolveTrainConfig({
      ...SHORT,
      model: 'bench',
      freezeAt: 0.5,
      modelsDir: temporaryFolder(),
    });
    await expect(trainNew(config, 'x', QUIET)).rejects.toThrow(
      '--freeze-at has no effect with --model bench, whose convolutions are in no groups: leave one out.',
    );
  });
});

describe('arithmetic of a training', () => {
  it('is by size, and less where the first group is frozen', () => {
    const config = resolveTrainConfig({ epochs: 4, imageSizes: '24,32@0.3', freezeAt: 0.6 });
    const course = courseOf(config, 10);
    expect(stretches(15, 40, course)).toEqual([
      { from: 15, to: 20, side: 24, isFrozen: false },
      { from: 20, to: 24, side: undefined, isFrozen: false },
      { from: 24, to: 40, side: undefined, isFrozen: true },
    ]);
    expect(stretches(26, 27, course)).toEqual([{ from: 26, to: 27, side: undefined, isFrozen: true }]);
    const made = stretches(0, 40, course);
    const flops = stepFlops(made, 2, ({ side, isFrozen }) => (isFrozen ? 1 : (side ?? 32)));
    expect(flops).toBe(2 * (20 * 24 + 4 * 32 + 16));
  });

  it('counts of some layers only what they cost', () => {
    const model = NETS['fast94'].build({ seed: null, dataset: CIFAR10 });
    // 3×3 taps, 24 → 64 channels on 31×31, then 64 → 64 on 15×15.
    expect(countFlops(model, undefined, new Set(['conv1', 'norm1', 'conv2', 'norm2']))).toBe(
      2 * 9 * 64 * (24 * 31 * 31 + 64 * 15 * 15),
    );
    model.dispose();
  });
});
