import { tensor, tidy } from '@tensorflow/tfjs-core';
import type { LayersModel, LayerVariable } from '@tensorflow/tfjs-layers';
import { STREAM, Rng } from '../util/rng.js';
import { sampleDeviation } from '../util/statistics.js';
import type { Widening } from './stack.js';

/**
 * Sets a fast net's first weights: every filter and the head uniform in ±1/√(inputs of one output); then in each 3×3
 * convolution the first filters, one for each input channel, pass that channel on unchanged. The order of layers
 * numbers the random streams.
 * @param isForMuon divides the head by its deviation and draws the whitening bias, which else is zero
 * @param widening how the filters begin that are left, where there are more than input channels
 */
export function initializeFast(
  model: LayersModel,
  seed: number,
  isForMuon: boolean,
  widening: Widening = 'random',
): void {
  model.layers.forEach((layer, stream) => {
    const rng = new Rng(seed, STREAM.initialWeights, stream);
    for (const weight of layer.weights) {
      const shape = weight.shape as number[];
      if (!weight.trainable) continue;
      switch (`${layer.getClassName()}/${shape.length}`) {
        case 'Conv2D/4':
          setWeight(weight, kernel(uniform(rng, shape), shape, widening));
          break;
        case 'Conv2D/1':
          // The only bias of a convolution is the whitening's; each of its outputs reads 2×2 pixels of three channels.
          if (isForMuon) setWeight(weight, uniform(rng, shape, 12));
          break;
        case 'Dense/2': {
          const head = uniform(rng, shape);
          setWeight(weight, isForMuon ? unitDeviation(head) : head);
        }
      }
    }
  });
}

/** @param values row-major */
export function setWeight(weight: LayerVariable, values: Float32Array): void {
  tidy(() => {
    weight.write(tensor(values, weight.shape as number[]));
  });
}

/** Numbers that one output of a kernel [..., inputs, outputs] reads. */
function fanIn(shape: readonly number[]): number {
  return shape.slice(0, -1).reduce((product, size) => product * size, 1);
}

function zeros(shape: readonly number[]): Float32Array {
  return new Float32Array(shape.reduce((product, size) => product * size, 1));
}

function uniform(rng: Rng, shape: readonly number[], inputs = fanIn(shape)): Float32Array {
  const bound = 1 / Math.sqrt(inputs);
  return zeros(shape).map(() => rng.uniform(-bound, bound));
}

function kernel(random: Float32Array, shape: readonly number[], widening: Widening): Float32Array {
  const first = withIdentity(random, shape);
  return widening === 'dct' ? withCosines(first, shape) : first;
}

/** The three functions of the discrete cosine transform (DCT-II) of three points, each of length 1. */
const COSINES = [
  [1, 1, 1].map((value) => value / Math.sqrt(3)),
  [1, 0, -1].map((value) => value / Math.SQRT2),
  [1, -2, 1].map((value) => value / Math.sqrt(6)),
];

/** Of rows and columns, the lowest frequencies first; the mean, which is closest to a channel as it is, last. */
const FREQUENCIES = [
  [0, 1],
  [1, 0],
  [1, 1],
  [0, 2],
  [2, 0],
  [1, 2],
  [2, 1],
  [2, 2],
  [0, 0],
];

/** Behind those that pass a channel on, makes filter n·inputs + c of a kernel [3, 3, inputs, outputs] the n-th function of channel c alone. */
function withCosines(filters: Float32Array, [, , inputs, outputs]: readonly number[]): Float32Array {
  const last = Math.min(outputs, (1 + FREQUENCIES.length) * inputs);
  for (let filter = inputs; filter < last; filter++) {
    const [row, column] = FREQUENCIES[Math.floor(filter / inputs) - 1];
    for (let tap = 0; tap < 9; tap++) {
      const value = COSINES[row][Math.floor(tap / 3)] * COSINES[column][tap % 3];
      for (let channel = 0; channel < inputs; channel++) {
        filters[(tap * inputs + channel) * outputs + filter] = channel === filter % inputs ? value : 0;
      }
    }
  }
  return filters;
}

/** Makes filter c of a kernel [3, 3, inputs, outputs], for each input channel c that has one, pass on channel c. */
function withIdentity(
  kernel: Float32Array,
  [height, width, inputs, outputs]: readonly number[],
): Float32Array {
  const centre = (height >> 1) * width + (width >> 1);
  for (let filter = 0; filter < Math.min(inputs, outputs); filter++) {
    for (let tap = 0; tap < height * width; tap++) {
      for (let channel = 0; channel < inputs; channel++) {
        const isOwn = tap === centre && channel === filter;
        kernel[(tap * inputs + channel) * outputs + filter] = isOwn ? 1 : 0;
      }
    }
  }
  return kernel;
}

function unitDeviation(values: Float32Array): Float32Array {
  const deviation = sampleDeviation(values);
  return values.map((value) => value / deviation);
}
