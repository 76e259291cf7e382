import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel, layers } from '@tensorflow/tfjs-layers';
import { CifarError } from '../util/errors.js';
import { logitsOf } from './logits.js';

/**
 * Multiplies a classifier's logits by a factor, in the weights of the layer that makes them: kernel and bias, if it has one.
 * @throws CifarError when the logits are not made by a layer with weights, or one and a multiplication after it
 */
export function scaleLogits(model: LayersModel, factor: number): void {
  if (factor === 1) return;
  const layer = weightedLayer(logitsOf(model).sourceLayer);
  if (layer === undefined) {
    throw new CifarError(
      `The model ${model.name} has no Dense layer that gives its logits, and cannot be calibrated in its weights.`,
    );
  }
  const scaled = tf.tidy(() => layer.getWeights().map((weight) => tf.mul(weight, factor)));
  layer.setWeights(scaled);
  tf.dispose(scaled);
}

/** The Dense layer that gives the logits, before a rescaling without an offset where there is one. */
function weightedLayer(layer: layers.Layer | undefined): layers.Layer | undefined {
  if (layer?.getClassName() === 'Dense') return layer;
  const isRescaling = layer?.getClassName() === 'Rescaling' && layer.getConfig()['offset'] === 0;
  return isRescaling ? weightedLayer(layer.inboundNodes[0]?.inboundLayers[0]) : undefined;
}
