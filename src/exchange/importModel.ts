import { basename } from 'node:path';
import { resolveTrainConfig } from '../config/resolveTrainConfig.js';
import type { Dataset } from '../dataset/descriptor.js';
import type { ImageSet } from '../dataset/imageSet.js';
import { saveModel } from '../io/modelFiles.js';
import { countFlops, countParameters } from '../nets/index.js';
import { IMPORTED } from '../nets/names.js';
import { hardware, versions } from '../runs/environment.js';
import { type EngineConfig, openEngine } from '../runs/openEngine.js';
import { modelMetadata } from '../runs/modelMetadata.js';
import { type RunFolder, abandonRunFolder, newRunFolder } from '../runs/runFolder.js';
import { type RunRecord, writeRunRecord } from '../runs/runRecord.js';
import { buildKeras } from './keras/buildKeras.js';
import { TRIAL_IMAGES, findInputRange } from './keras/inputRange.js';
import { readKerasFile } from './keras/kerasFile.js';
import type { InputRange } from './keras/ranges.js';

export interface ImportOptions {
  modelsDir: string;
  /** Of the run; default: the file's, without its ending. */
  name?: string;
  /** `auto`: found out by trial on training images. */
  range: InputRange | 'auto';
  engine: EngineConfig;
  /** The first so many training images, for the trial. */
  images: (limit: number) => ImageSet;
}

export interface Imported {
  folder: RunFolder;
  range: InputRange;
  record: RunRecord;
}

/**
 * Makes a run of a Keras model, which `evaluate`, `tta`, `predict` and `export` take like any other.
 * @param path of a .h5, .hdf5 or .keras file
 * @throws CifarError naming what of the file is not understood; UsageError when the name is taken
 */
export async function importModel(path: string, dataset: Dataset, options: ImportOptions): Promise<Imported> {
  const file = await readKerasFile(path);
  await openEngine(options.engine);
  const range =
    options.range === 'auto' ? await findInputRange(file, path, options.images(TRIAL_IMAGES)) : options.range;
  const model = await buildKeras(file, range, path, dataset);
  try {
    const name = basename(path).replace(/\.(h5|hdf5|keras)$/i, '');
    const { folder, owner } = newRunFolder(options.modelsDir, options.name, () =>
      name.replace(/[^\w.-]/g, '_'),
    );
    try {
      const now = new Date().toISOString();
      const record: RunRecord = {
        ...{ status: 'finished', startedAt: now, updatedAt: now, starts: [] },
        config: resolveTrainConfig({ model: `${IMPORTED}${basename(path)}`, modelsDir: options.modelsDir }),
        imported: { file: basename(path), sha256: file.sha256, range },
        ...{ versions: versions(), hardware: hardware() },
        backend: { name: 'none', why: 'it was trained elsewhere' },
        ...{ microBatch: 1, parameters: countParameters(model), forwardGigaflop: countFlops(model) / 1e9 },
        ...{ trainImages: 0, validationImages: 0, validatedOn: 'test set' },
        ...{ trainingSeconds: 0, petaflop: 0, imagesTrained: 0 },
      };
      await saveModel(model, folder.last, modelMetadata(dataset, folder.name, record.config.model));
      writeRunRecord(folder, record);
      return { folder, range, record };
    } finally {
      owner.release();
      abandonRunFolder(folder);
    }
  } finally {
    model.dispose();
  }
}
