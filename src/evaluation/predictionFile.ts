import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { loadAugment } from '../dataset/augment/index.js';
import { mixesImages } from '../dataset/mixing/index.js';
import { parseModelJson } from '../io/modelJson.js';
import { writeNpy } from '../io/npy.js';
import { CifarError, UsageError, codeOf, messageOf } from '../util/errors.js';
import { writeFileAtomic } from '../util/files.js';
import type { RunFolder } from '../runs/runFolder.js';
import type { FixedViews, TtaFigures, TtaMethod } from './testTimeAugment.js';

/** Everything that decides a prediction array: with the same, it need not be made again. */
export interface PredictionSource {
  run: string;
  /** Which of the run's models. */
  weights: 'last' | 'best';
  /** That model's weights file, which is named by its content. */
  weightsFile: string;
  images: number;
  /** How answers are averaged. */
  method: TtaMethod;
  /** Augmentation of the passes as it was asked for: a preset or a file. */
  augment?: string;
}

/** What stands beside a prediction array. */
export type PredictionRecord = PredictionSource & TtaFigures;

/** Augmented passes as they are asked for: the augmentation is a preset or a file. */
export interface WantedPasses {
  preset: 'keras';
  passes: number;
  augment: string;
  seed: number;
}

export type WantedMethod = FixedViews | WantedPasses;

/** @throws UsageError when the augmentation is unknown or not for tests */
export function ttaMethod(wanted: WantedMethod): Pick<PredictionSource, 'method' | 'augment'> {
  if (wanted.preset !== 'keras') return { method: wanted };
  const { augment, passes, seed } = wanted;
  const augmentation = loadAugment(augment);
  if (mixesImages(augmentation)) {
    throw new UsageError(
      `--augment ${augment}: mixup and cutmix mix the labels of images and are for training only; take another augmentation for tests.`,
    );
  }
  return { augment, method: { preset: 'keras', passes, seed, augmentation } };
}

/** @throws CifarError when the run has no such model, or its `model.json` is damaged */
export function predictionSource(
  run: RunFolder,
  wanted: Pick<PredictionSource, 'weights' | 'images'> & { tta: WantedMethod },
): PredictionSource {
  const { weights, images, tta } = wanted;
  return {
    run: run.name,
    weights,
    weightsFile: weightsFileOf(run[weights]),
    images,
    ...ttaMethod(tta),
  };
}

function weightsFileOf(modelFolder: string): string {
  const path = join(modelFolder, 'model.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const reason = codeOf(error) === 'ENOENT' ? `${path} is missing` : messageOf(error);
    throw new CifarError(`There is no model there: ${reason}.`, { cause: error });
  }
  const { weightsManifest } = parseModelJson(path, text);
  return weightsManifest.flatMap(({ paths }) => paths).join(' ');
}

/**
 * The name of a prediction array from what the user wrote, which may end in `.npy`.
 * @throws UsageError when it is not a plain file name
 */
export function predictionName(text: string): string {
  const name = text.replace(/\.npy$/, '');
  if (!/^[\w.-]+$/.test(name) || /^\.+$/.test(name)) {
    throw new UsageError(
      `--out: expected a name of letters, digits, ".", "_" and "-", got "${text}". Choose the folder by --predictions-dir.`,
    );
  }
  return name;
}

/** Writes `<name>.npy` (count × classes, f4) and, after it, `<name>.json`. */
export function savePredictions(
  folder: string,
  name: string,
  probabilities: Float32Array,
  record: PredictionRecord,
): string {
  const path = join(folder, `${name}.npy`);
  const recordPath = join(folder, `${name}.json`);
  // An earlier record must never stand beside the new array, whenever the program is killed.
  rmSync(recordPath, { force: true });
  writeNpy(path, probabilities, [record.images, probabilities.length / record.images]);
  writeFileAtomic(recordPath, `${JSON.stringify(record, null, 2)}\n`);
  return path;
}

/**
 * The record of the array `<name>.npy` that a run has made before; undefined when array or record is missing.
 * @throws UsageError when another run made it; CifarError when the record is damaged
 */
export function earlierPrediction(
  folder: string,
  name: string,
  run: string,
): Partial<PredictionRecord> | undefined {
  const base = join(folder, name);
  if (!existsSync(`${base}.npy`) || !existsSync(`${base}.json`)) return undefined;
  const earlier = readRecord(base);
  if (earlier.run !== run) {
    throw new UsageError(
      `${base}.npy holds the predictions of run ${earlier.run}, and those of ${run} would go there: ` +
        'give another --predictions-dir, or remove it.',
    );
  }
  return earlier;
}

function readRecord(base: string): Partial<PredictionRecord> & { run: string } {
  const refuse = (reason: string, cause?: unknown): CifarError =>
    new CifarError(
      `${base}.json is not the record of a prediction array (${reason}): remove it and ${base}.npy, ` +
        'or give another --predictions-dir.',
      { cause },
    );
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(`${base}.json`, 'utf8'));
  } catch (error) {
    throw refuse(messageOf(error), error);
  }
  if (typeof value !== 'object' || value === null) throw refuse('it is not an object');
  if (!('run' in value) || typeof value.run !== 'string') throw refuse('it names no run');
  return value as Partial<PredictionRecord> & { run: string };
}
