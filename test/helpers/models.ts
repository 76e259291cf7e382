import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { normals } from './compare.js';

const { layers } = tfl;

/** Weights of which none is 0 and variances are positive. */
export function randomise(model: tfl.LayersModel): void {
  const weights = model.getWeights().map(({ size, shape }, i) => {
    const fanIn = shape.slice(0, -1).reduce((product, side) => product * side, 1);
    const scale = shape.length > 1 ? 1 / Math.sqrt(fanIn) : 1;
    const name = model.weights[i].originalName;
    return tf.tensor(
      normals(size, i).map((value) => (name.includes('variance') ? 0.5 + Math.abs(value) : value * scale)),
      shape,
    );
  });
  model.setWeights(weights);
  tf.dispose(weights);
}

/** A network whose branches join in every way, and which calls a layer twice. */
export function branched(shape: number[], units: number): tfl.LayersModel {
  const images = tfl.input({ shape });
  // Of one shape, at different depths: which is which shows in the answers alone.
  const [first, second, twice] = [1, 2, 3].map(() =>
    layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same' }),
  );
  const a = twice.apply(twice.apply(first.apply(images))) as tfl.SymbolicTensor;
  const b = second.apply(images) as tfl.SymbolicTensor;
  const joined = [layers.add(), layers.multiply(), layers.maximum()].map(
    (layer) => layer.apply([a, b]) as tfl.SymbolicTensor,
  );
  const all = layers.concatenate().apply(joined) as tfl.SymbolicTensor;
  const means = layers.globalAveragePooling2d({}).apply(all);
  const maxima = layers.globalMaxPooling2d({}).apply(all);
  const both = layers.concatenate().apply([means, maxima] as tfl.SymbolicTensor[]);
  const scores = layers.dense({ units }).apply(both);
  return tfl.model({
    inputs: images,
    outputs: layers.softmax().apply(scores) as tfl.SymbolicTensor,
  });
}
