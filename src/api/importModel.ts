import { CIFAR10 } from '../dataset/cifar10.js';
import { loadTrain } from '../dataset/load.js';
import { importModel as importFile } from '../exchange/importModel.js';
import type { InputRange } from '../exchange/keras/ranges.js';
import { type EngineOptions, engineConfig } from './engine.js';
import { Run } from './run.js';

export interface ImportOptions extends EngineOptions {
  /** Of the run; default: the file's, without its ending. */
  name?: string;
  /** The folder of the run; default: models. */
  modelsDir?: string;
  /** Numbers that the network takes for black and white; default: found out by trial on the training images in `dataDir`. */
  range?: InputRange | 'auto';
  dataDir?: string;
}

/**
 * Makes a run of a model that Keras 2 or 3 has saved, as `cifar import` does.
 * @param file .h5, .hdf5 or .keras
 * @throws CifarError naming what of it is not understood
 */
export async function importModel(file: string, options: ImportOptions = {}): Promise<Run> {
  const { name, modelsDir = 'models', range = 'auto', dataDir = 'data' } = options;
  const { folder } = await importFile(file, CIFAR10, {
    ...{ modelsDir, range, engine: engineConfig(options) },
    ...(name !== undefined && { name }),
    images: (limit) => loadTrain(CIFAR10, { dataDir, limit }),
  });
  return new Run(folder);
}
