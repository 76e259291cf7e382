import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel, layers } from '@tensorflow/tfjs-layers';

/** Makes a NaN of one value of what a layer gives. @returns what puts the layer right again */
export function plantNaN(layer: layers.Layer): () => void {
  const call = layer.call.bind(layer);
  layer.call = (...given) =>
    tf.tidy(() => {
      const y = [call(...given)].flat()[0];
      const planted = new Float32Array(y.size);
      planted[y.size >> 1] = NaN;
      return tf.add(y, tf.tensor(planted, y.shape));
    });
  return () => {
    layer.call = call;
  };
}

/** Layers that it is planted behind, with their numbers. */
export const plantedLayers = ({ layers: all }: LayersModel): [number, layers.Layer][] =>
  [...all.entries()].filter(
    ([index, layer]) => index === 1 || !['InputLayer', 'Activation'].includes(layer.getClassName()),
  );

/** What a maximum is taken of next shows only where it is the largest, and tfjs's own backends leave NaN out, too. */
export const isBeforeMaximum = (net: LayersModel, index: number): boolean =>
  net.layers
    .slice(index + 1)
    .find((layer) => layer.getClassName() !== 'Dropout')
    ?.getClassName() === 'MaxPooling2D';
