import { model as buildModel } from '@tensorflow/tfjs-layers';
import { createBatchSource, sourceOf } from '../../src/dataset/batches/index.js';
import { loadAugment } from '../../src/dataset/augment/index.js';
import { type ImageSet, naturalOrder } from '../../src/dataset/imageSet.js';
import { predictPass } from '../../src/evaluation/predict.js';
import { HEAD } from '../../src/nets/index.js';
import { openModel } from '../../src/runs/openModel.js';
import { STREAM } from '../../src/util/rng.js';

/** Unit vectors, one an image, row by row. */
export interface Features {
  values: Float32Array;
  length: number;
}

/** What a network's head is given of each image, at unit length. */
export async function featuresOf(modelFolder: string, set: ImageSet): Promise<Features> {
  const { model } = await openModel(modelFolder, set.dataset);
  const head = model.getLayer(HEAD);
  const features = buildModel({ inputs: model.inputs, outputs: head.input });
  const length = features.outputs[0].shape[1] as number;
  const source = createBatchSource({
    ...sourceOf(set),
    ...{ batchSize: 500, augment: loadAugment('none'), seed: 0, stream: STREAM.augment, workers: 0 },
  });
  const values = await predictPass(features, source, 0, naturalOrder(set.count));
  await source.close();
  model.dispose();
  for (let start = 0; start < values.length; start += length) {
    const row = values.subarray(start, start + length);
    const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    for (let i = 0; i < length; i++) row[i] /= norm;
  }
  return { values, length };
}
