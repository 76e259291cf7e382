import type { ImageSet } from '../dataset/imageSet.js';
import { exportModel as writeExport } from '../exchange/exportModel.js';
import type { Format } from '../exchange/formats.js';
import { engineConfig } from './engine.js';
import type { ModelOptions } from './evaluate.js';
import { defaultImages } from './loadCifar10.js';
import { type Run, runOf } from './run.js';

export interface ExportOptions extends ModelOptions {
  /** Default: tfjs, whose folder is a run. */
  format?: Format;
  /** tfjs: stores each weight in 16 bits. */
  float16?: boolean;
  /** What the model card's figures are measured on; default: the test images in `data`. */
  images?: ImageSet;
}

/**
 * Makes a folder to give away of a run's model, as `cifar export` does: calibrated, with a model card.
 * @param target must not be there yet
 * @throws UsageError when it is
 */
export async function exportModel(
  run: Run | string,
  target: string,
  options: ExportOptions = {},
): Promise<void> {
  const { format = 'tfjs', float16 = false, weights = 'last', signal } = options;
  const { images = defaultImages() } = options;
  await writeExport(runOf(run), target, images, {
    ...{ weights, float16, format, engine: engineConfig(options) },
    ...(signal && { signal }),
  });
}
