import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type Dataset, imageBytes } from '../dataset/descriptor.js';
import { allocateImageSet, naturalOrder } from '../dataset/imageSet.js';
import type { ViewPreset } from '../dataset/views/index.js';
import { logitsModel } from '../nets/index.js';
import { openModel } from '../runs/openModel.js';
import type { RunFolder } from '../runs/runFolder.js';
import { readRunRecord } from '../runs/runRecord.js';
import { modelTemperatures } from '../runs/temperatures.js';
import { averageViews } from './averageViews.js';
import { evaluationBatches } from './batches.js';
import { softmaxRows } from './metrics.js';
import { predictPass } from './predict.js';
import { atTemperature } from './temperature.js';

export interface PredictorOptions {
  weights: 'last' | 'best';
  /** Views of each image that are averaged; `own`: those of the run's --tta, or two, mirrored, where it has none. */
  views: ViewPreset | 'own';
}

/** A run's model, for images that nobody has labelled. */
export class Predictor {
  private readonly logits: LayersModel;

  private constructor(
    private readonly model: LayersModel,
    readonly dataset: Dataset,
    readonly views: ViewPreset,
    /** What the logits, or their mean over the views, are divided by. */
    readonly temperature: number,
  ) {
    this.logits = logitsModel(model);
  }

  /** @throws CifarError as `readRunRecord` and `openModel` do */
  static async open(
    run: RunFolder,
    dataset: Dataset,
    { weights, views }: PredictorOptions,
  ): Promise<Predictor> {
    const { config } = readRunRecord(run);
    const { model, metadata } = await openModel(run[weights], dataset);
    const own = config.tta === 'none' ? 'flip' : config.tta;
    const preset = views === 'own' ? own : views;
    const temperatures = modelTemperatures(metadata, config);
    // Of other views than the run's nothing is known but what a single look says.
    const temperature = preset === config.tta && preset !== 'none' ? temperatures.views : temperatures.single;
    return new Predictor(model, dataset, preset, temperature);
  }

  /**
   * Calibrated probabilities.
   * @param images count × height × width × channels bytes
   * @returns count × classes, row-major
   */
  async probabilities(images: Uint8Array, signal?: AbortSignal): Promise<Float32Array> {
    const set = allocateImageSet(this.dataset, images.length / imageBytes(this.dataset));
    set.images.set(images);
    const logits =
      this.views === 'none'
        ? await predictPass(this.logits, evaluationBatches(set), 0, naturalOrder(set.count), signal)
        : (await averageViews(this.logits, set, { preset: this.views, ...(signal && { signal }) })).logits;
    return softmaxRows(atTemperature(logits, this.temperature), this.dataset.classNames.length);
  }

  dispose(): void {
    this.model.dispose();
  }
}
