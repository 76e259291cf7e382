import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Normalization } from '../nn/layers/index.js';

/** To be called when a net has been given a saved model's weights, of which some are constants that its layers compute with. */
export async function adoptConstants(model: LayersModel): Promise<void> {
  for (const layer of model.layers) if (layer instanceof Normalization) await layer.adoptWeights();
}
