import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { resolveTrainConfig } from '../../src/config/resolveTrainConfig.js';
import type { TrainConfig } from '../../src/config/trainOptions.js';
import { diagnosis } from '../../src/runs/diagnosis.js';
import type { EpochRecord } from '../../src/runs/history.js';
import type { RunRecord } from '../../src/runs/runRecord.js';

/** Histories of real runs; what they were is said where they are used. */
function kept(name: string): EpochRecord[] {
  const path = new URL(`../golden/histories/${name}.jsonl`, import.meta.url);
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as EpochRecord);
}

function recordOf(
  options: Partial<TrainConfig>,
  history: readonly EpochRecord[],
  changed: Partial<RunRecord> = {},
): RunRecord {
  const { epoch, validationLoss, validationAccuracy } = history.at(-1) as EpochRecord;
  return {
    ...{ status: 'finished', validatedOn: 'test set', validationImages: 10_000 },
    config: resolveTrainConfig(options),
    last: { epoch, loss: validationLoss ?? 0, accuracy: validationAccuracy ?? 0 },
    ...changed,
  } as RunRecord;
}

it.each<[string, Partial<TrainConfig>, string, RegExp | undefined]>([
  // The article's small network at 60 of its 150 epochs, judged after every third.
  ['bench-normal', { augment: 'normal', epochs: 60 }, 'bench', /^It was still improving .*--epochs 120/],
  // A tiny network on 2,000 images, 30 epochs, at a low rate: far from its end.
  ['slice-none', { epochs: 30 }, 'slow', /^It was still improving/],
  // The same under augmentation at a high rate: the loss jumps about.
  ['slice-noisy', { augment: 'normal', epochs: 30, learningRate: 0.01 }, 'noisy', undefined],
  // The same with step decay, which ended it.
  ['slice-step', { augment: 'normal', epochs: 30, schedule: 'step' }, 'step', undefined],
  // A tiny network on 1,000 images, which it knows by heart: the loss on others rises by 6 %.
  ['overfitted', { epochs: 60 }, 'overfits', /^It overfits since epoch \d+: .*--augment normal\.$/],
  // The same at a rate a hundred times as high: 65 % of its own images, 19 % of others.
  [
    'too-fast',
    { epochs: 20, learningRate: 0.3 },
    'too fast',
    /^Its training loss falls .*--learning-rate 0\.1\.$/,
  ],
  ['fast94-muon', { recipe: 'fast94-muon' }, 'as it stands', undefined],
])('%s with %j', (name, options, _what, expected) => {
  const history = kept(name);
  const sentence = diagnosis(recordOf(options, history, { validationImages: 2000 }), history, 10);
  if (expected === undefined) expect(sentence).toBeUndefined();
  else expect(sentence).toMatch(expected);
});

it('a recipe that has come to what it comes to', () => {
  const history = kept('fast94-muon').map((epoch) => ({ ...epoch, validationAccuracy: 0.9305 }));
  expect(diagnosis(recordOf({ recipe: 'fast94-muon' }, history), history, 10)).toBe(
    'That is as good as this recipe gets (93.14 % in one pass, on average); for more try --recipe fast.',
  );
  const changed = recordOf({ recipe: 'fast94-muon', epochs: 9 }, history);
  expect(diagnosis(changed, history, 10)).toBeUndefined();
  const heldOut = recordOf({ recipe: 'fast94-muon' }, history, { validatedOn: 'held-out training images' });
  expect(diagnosis(heldOut, history, 10)).toBeUndefined();
});

it('is silent on few epochs, and on what diverged', () => {
  const history = kept('bench-normal');
  expect(diagnosis(recordOf({ epochs: 6 }, history.slice(0, 6)), history.slice(0, 6), 10)).toBeUndefined();
  expect(diagnosis(recordOf({}, history, { status: 'diverged' }), history, 10)).toBeUndefined();
});
