import { existsSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as v from 'valibot';
import { loadAugment } from '../dataset/augment/index.js';
import { mixesImages } from '../dataset/mixing/index.js';
import { amount, count, readJson, share } from '../io/json.js';
import { parseModelJson } from '../io/modelJson.js';
import { writeNpy } from '../io/npy.js';
import { CifarError, UsageError, codeOf, messageOf } from '../util/errors.js';
import { writeFileAtomic } from '../util/files.js';
import { sha256 } from '../util/sha256.js';
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
  /** Augmentation of the passes: a preset, or a file's name. */
  augment?: string;
}

/** What stands beside a prediction array. */
export type PredictionRecord = PredictionSource &
  TtaFigures & { /** Of the array's file. */ sha256?: string };

/** `method` is compared as a whole, never read. */
const PREDICTION_RECORD = v.looseObject({
  run: v.string(),
  weights: v.optional(v.picklist(['last', 'best'])),
  weightsFile: v.optional(v.string()),
  images: v.optional(count),
  plainAccuracy: v.optional(share),
  accuracy: v.optional(share),
  forwards: v.optional(amount),
  accuracyByPasses: v.optional(v.array(share)),
  temperature: v.optional(amount),
  ensembleTemperature: v.optional(amount),
  sha256: v.optional(v.string()),
});

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
  return { augment: basename(augment), method: { preset: 'keras', passes, seed, augmentation } };
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
  const signed = { ...record, sha256: sha256(readFileSync(path)) };
  writeFileAtomic(recordPath, `${JSON.stringify(signed, null, 2)}\n`);
  return path;
}

/**
 * The record of the array `<name>.npy` that a run has made before, only its run where the array is damaged; undefined when
 * array or record is missing.
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
  return isAsWritten(base, earlier) ? earlier : { run };
}

/**
 * An array whose record lies beside it must be the one that the record was written of.
 * @param path of the array, `<name>.npy`
 * @throws CifarError when it is not
 */
export function checkPredictionSum(path: string): void {
  const base = path.replace(/\.npy$/, '');
  if (base === path || !existsSync(`${base}.json`)) return;
  if (isAsWritten(base, readRecord(base))) return;
  throw new CifarError(
    `${path} is damaged: its content does not match the SHA-256 sum in ${base}.json. Make it anew by cifar tta.`,
  );
}

/** The temperature of a mean of arrays, where the records of all of them give the same; undefined where they do not. */
export function ensembleTemperatureOf(paths: readonly string[]): number | undefined {
  const temperatures = paths.map((path) => {
    const base = path.replace(/\.npy$/, '');
    return existsSync(`${base}.json`) ? readRecord(base).ensembleTemperature : undefined;
  });
  return temperatures.every((one) => one === temperatures[0]) ? temperatures[0] : undefined;
}

/** The record beside an array, `<name>.npy`; undefined where there is none, or one that cannot be read. */
export function predictionRecordOf(path: string): Partial<PredictionRecord> | undefined {
  const base = path.replace(/\.npy$/, '');
  try {
    return existsSync(`${base}.json`) ? readRecord(base) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether an array is the one that its record was written of, as far as that says. */
function isAsWritten(base: string, { sha256: expected }: Pick<Partial<PredictionRecord>, 'sha256'>): boolean {
  return expected === undefined || expected === sha256(readFileSync(`${base}.npy`));
}

function readRecord(base: string): Partial<PredictionRecord> & { run: string } {
  return readJson(
    `${base}.json`,
    PREDICTION_RECORD,
    (reason, cause) =>
      new CifarError(
        `${base}.json is not the record of a prediction array (${reason}): remove it and ${base}.npy, ` +
          'or give another --predictions-dir.',
        { cause },
      ),
  ) as Partial<PredictionRecord> & { run: string };
}
