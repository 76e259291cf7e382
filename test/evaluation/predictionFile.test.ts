import { resolveTrainConfig } from '../../src/config/resolveTrainConfig.js';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AUGMENT_PRESETS } from '../../src/dataset/augment/index.js';
import { CIFAR10 } from '../../src/dataset/cifar10.js';
import type { ImageSet } from '../../src/dataset/imageSet.js';
import { IMAGE_BYTES } from '../helpers/data.js';
import { predictOnce } from '../../src/ensembles/predictOnce.js';
import {
  type PredictionRecord,
  earlierPrediction,
  predictionName,
  predictionSource,
  savePredictions,
} from '../../src/evaluation/predictionFile.js';
import { writeNpy } from '../../src/io/npy.js';
import { runFolder } from '../../src/runs/runFolder.js';
import { temporaryFolder } from '../helpers/folders.js';

const TTA = { preset: 'keras', seed: 3, passes: 4, augment: 'normal' } as const;
const WANTED = { weights: 'last', images: 2, tta: TTA } as const;
const METHOD = { preset: 'keras', seed: 3, passes: 4, augmentation: AUGMENT_PRESETS.normal } as const;
const FIGURES = { plainAccuracy: 0.5, accuracy: 1, forwards: 4, accuracyByPasses: [0.5, 0.5, 1, 1] };

/** A run whose last model names a weights file that is not there: loading it fails, naming it does not. */
function runWith(weightsFile: string, folder = temporaryFolder()): ReturnType<typeof runFolder> {
  const run = runFolder(join(folder, 'run'));
  mkdirSync(run.last, { recursive: true });
  writeFileSync(
    join(run.last, 'model.json'),
    JSON.stringify({ modelTopology: {}, weightsManifest: [{ paths: [weightsFile], weights: [] }] }),
  );
  return run;
}

describe('the record of predictions', () => {
  it('says which weights they are from, and what the augmentation was', () => {
    expect(predictionSource(runWith('weights-0123abcd.bin'), WANTED)).toEqual({
      run: 'run',
      weights: 'last',
      weightsFile: 'weights-0123abcd.bin',
      images: 2,
      augment: 'normal',
      method: METHOD,
    });
    expect(() => predictionSource(runFolder(temporaryFolder()), WANTED)).toThrow(
      /no model there: .*model\.json is missing/,
    );
  });

  it('is found again, unless the array is of another run or the record damaged', () => {
    const folder = temporaryFolder();
    const record: PredictionRecord = { ...predictionSource(runWith('w.bin'), WANTED), ...FIGURES };
    expect(earlierPrediction(folder, 'pred_0', 'run')).toBeUndefined();
    savePredictions(folder, 'pred_0', new Float32Array(20), record);
    expect(earlierPrediction(folder, 'pred_0', 'run')).toEqual({
      ...record,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    writeNpy(join(folder, 'pred_0.npy'), new Float32Array(20).fill(1), [2, 10]);
    expect(earlierPrediction(folder, 'pred_0', 'run')).toEqual({ run: 'run' });
    expect(() => earlierPrediction(folder, 'pred_0', 'other')).toThrow(
      /pred_0\.npy holds the predictions of run run, and those of other would go there/,
    );
    for (const text of ['{', 'null', '{}', '{"run": 3}']) {
      writeFileSync(join(folder, 'pred_0.json'), text);
      expect(() => earlierPrediction(folder, 'pred_0', 'run')).toThrow(
        /pred_0\.json is not the record of a prediction array \(.+\): remove it and .*pred_0\.npy/,
      );
    }
  });
});

describe('predictions', () => {
  const test: ImageSet = {
    dataset: CIFAR10,
    images: new Uint8Array(2 * IMAGE_BYTES),
    labels: Uint8Array.of(0, 1),
    count: 2,
  };

  /** What becomes of predictions that were made with the given record, when the usual ones are wanted. */
  async function outcome(changes: Partial<PredictionRecord>, augment = 'normal'): Promise<string> {
    const folder = temporaryFolder();
    const run = runWith('weights-0123abcd.bin', folder);
    savePredictions(folder, 'p', new Float32Array(20), {
      ...predictionSource(run, WANTED),
      ...FIGURES,
      ...changes,
    });
    const kept: string[] = [];
    const ignore = (): void => undefined;
    const engine = { backend: 'cpu', precision: 'auto', threads: 0 } as const;
    const config = resolveTrainConfig({ batchSize: 2, workers: 0, ...engine });
    const plan = { run, folder, name: 'p', tta: { ...TTA, augment }, config };
    const { accuracy } = await predictOnce(plan, test, {
      kept: (what) => kept.push(what),
      pass: ignore,
      predicted: ignore,
    });
    expect(accuracy).toBe(1);
    expect(JSON.parse(readFileSync(join(folder, 'p.json'), 'utf8'))).toMatchObject(FIGURES);
    return kept.join();
  }

  it('are kept when they are from the same weights and the same augmentation', async () => {
    expect(await outcome({})).toMatch(/p\.npy is there already/);
    const file = join(temporaryFolder(), 'mine.json');
    writeFileSync(file, JSON.stringify(AUGMENT_PRESETS.normal));
    expect(await outcome({}, file)).toMatch(/p\.npy is there already/);
  });

  // The model cannot be loaded: that it is tried shows that the predictions are not kept.
  it.each<[string, Partial<PredictionRecord>]>([
    ['other weights', { weightsFile: 'weights-ffffffff.bin' }],
    ['the best model', { weights: 'best' }],
    [
      'an augmentation file that has changed since',
      { method: { ...METHOD, augmentation: { rotationDegrees: 1 } } },
    ],
    ['another seed', { method: { ...METHOD, seed: 4 } }],
    ['fewer passes', { method: { ...METHOD, passes: 1 } }],
    ['views', { method: { preset: 'flip', share: 1 } }],
  ])('of %s are made again', async (_what, changes) => {
    await expect(outcome(changes)).rejects.toThrow(/weights-0123abcd\.bin is missing/);
  });
});

it('are not made under an augmentation that mixes labels', () => {
  const file = join(temporaryFolder(), 'mix.json');
  writeFileSync(file, '{"mixup": 0.2}');
  expect(() => predictionSource(runWith('w.bin'), { ...WANTED, tta: { ...TTA, augment: file } })).toThrow(
    /mix\.json: mixup and cutmix .* are for training only/,
  );
});

describe('the name of an array', () => {
  it('may end in .npy', () => {
    expect(predictionName('pred_0')).toBe('pred_0');
    expect(predictionName('pred_0.npy')).toBe('pred_0');
  });

  it.each(['a/b', '../a', 'a\\b', '..', '.npy', ''])('is not %j', (text) => {
    expect(() => predictionName(text)).toThrow(/--out: expected a name .*--predictions-dir/);
  });
});
