import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageSet } from '../dataset/imageSet.js';
import { answersTo, evaluationOf } from '../evaluation/evaluate.js';
import { argMaxRows } from '../evaluation/metrics.js';
import { predictionRecordOf } from '../evaluation/predictionFile.js';
import type { RunFolder } from '../runs/runFolder.js';
import type { RunRecord } from '../runs/runRecord.js';
import { CifarError } from '../util/errors.js';
import { nearDuplicates } from './neighbours.js';
import { modelOf } from './summary.js';
import type { Measures } from './types.js';

export interface MeasureOptions {
  /** Folder of the arrays that `cifar tta` makes. */
  predictionsDir: string;
  /** Name of the engine that computes. */
  backend: string;
  signal?: AbortSignal;
}

/**
 * A run's answers to the test images, and what they come to.
 * @throws CifarError when it has no model
 */
export async function measure(
  folder: RunFolder,
  { config }: RunRecord,
  test: ImageSet,
  { predictionsDir, backend, signal }: MeasureOptions,
): Promise<Measures> {
  const weights = modelOf(folder);
  if (weights === undefined) throw new CifarError(`${folder.path} has no model yet.`);
  const { logits, temperatures } = await answersTo(folder[weights], test, config, signal);
  const withoutDuplicates = accuracyWithoutDuplicates(logits, test);
  return {
    ...{ weights, backend, evaluation: evaluationOf(logits, test, temperatures) },
    ...{ logits: base64(logits), labels: base64(test.labels) },
    ...(withoutDuplicates && { withoutDuplicates }),
    averages: averagesOf(predictionsDir, folder.name, test.count),
  };
}

function accuracyWithoutDuplicates(
  logits: Float32Array,
  { labels, count, dataset }: ImageSet,
): Measures['withoutDuplicates'] {
  const duplicates = new Set(nearDuplicates().pairs.map(({ test }) => test));
  if (duplicates.size === 0) return undefined;
  const answers = argMaxRows(logits, dataset.classNames.length);
  const rows = Array.from({ length: count }, (_, row) => row).filter((row) => !duplicates.has(row));
  const right = rows.filter((row) => answers[row] === labels[row]).length;
  return { images: rows.length, accuracy: right / rows.length };
}

/** What `cifar tta` has made of a run, by its records; one that cannot be read is none. */
function averagesOf(folder: string, run: string, images: number): Measures['averages'] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const record = predictionRecordOf(join(folder, name.replace(/\.json$/, '.npy')));
      if (record?.run !== run || record.images !== images) return [];
      const { accuracy, plainAccuracy, forwards, accuracyByPasses } = record;
      if (accuracy === undefined || plainAccuracy === undefined || forwards === undefined) return [];
      return [
        {
          ...{ name: name.replace(/\.json$/, ''), passes: forwards, accuracy, plainAccuracy },
          ...(accuracyByPasses && { byPasses: accuracyByPasses }),
        },
      ];
    });
}

function base64(values: Float32Array | Uint8Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
}
