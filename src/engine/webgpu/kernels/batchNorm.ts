import { FusedBatchNorm, type FusedBatchNormAttrs, type TensorInfo } from '@tensorflow/tfjs-core';
import {
  BatchNormTraining,
  type BatchNormTrainingAttrs,
  type BatchNormTrainingInputs,
} from '../../ops/BatchNormTraining.js';
import {
  BatchNormTrainingGrad,
  type BatchNormTrainingGradAttrs,
  type BatchNormTrainingGradInputs,
} from '../../ops/BatchNormTrainingGrad.js';
import { dispatch } from '../dispatch.js';
import { gpuKernel } from '../kernel.js';
import { elementwiseShader } from '../shader.js';
import { partialSums, partialSumsShader, partsOf, sumOfParts } from './channelSums.js';

/** Each part's own mean, then squares about it: sums of squares about zero would lose digits. */
const partMoments = partialSumsShader(
  BatchNormTraining,
  { x: 'float' },
  { means: 'read_x(at) / count', squares: '(read_x(at) - mean) * (read_x(at) - mean)' },
  {
    before: `  let count = f32(max(end, first + 1u) - first);
  var mean = 0.0;
  for (var row = first; row < end; row++) { mean += read_x(row * params.channels + c); }
  mean /= count;`,
  },
);

/** The parts' moments as one's (Chan, Golub and LeVeque 1979). */
const joined = elementwiseShader({
  name: `${BatchNormTraining}Moments`,
  inputs: { means: 'f32', squares: 'f32' },
  outputs: { mean: 'f32', variance: 'f32' },
  params: { rows: 'u32', parts: 'u32' },
  body: `  let perPart = (params.rows + params.parts - 1u) / params.parts;
  var count = 0.0;
  var centre = 0.0;
  var square = 0.0;
  for (var part = 0u; part < params.parts; part++) {
    let first = part * perPart;
    if (first >= params.rows) { break; }
    let more = f32(min(first + perPart, params.rows) - first);
    let distance = means[part * params.size + i] - centre;
    let all = count + more;
    centre += distance * (more / all);
    square += squares[part * params.size + i] + distance * distance * (count * more / all);
    count = all;
  }
  mean[i] = centre;
  variance[i] = square / count;`,
});

const normalised = elementwiseShader({
  name: FusedBatchNorm,
  inputs: { x: 'float', mean: 'f32', variance: 'f32', scale: 'f32', offset: 'f32' },
  outputs: { y: 'float' },
  params: { channels: 'u32', epsilon: 'f32' },
  body: `  let c = i % params.channels;
  write_y(i, (read_x(i) - mean[c]) * (scale[c] / sqrt(variance[c] + params.epsilon)) + offset[c]);`,
});

interface FusedInputs extends Record<'x' | 'mean' | 'variance', TensorInfo> {
  scale?: TensorInfo;
  offset?: TensorInfo;
}

/** Of a network in use: by statistics that it has. */
export const fusedBatchNormKernel = gpuKernel<FusedInputs, FusedBatchNormAttrs>(
  FusedBatchNorm,
  (backend, { x, mean, variance, scale, offset }, { varianceEpsilon: epsilon }) => {
    const channels = x.shape[x.shape.length - 1];
    // A network that has none of one of them is tfjs's matter.
    if (scale === undefined || offset === undefined) return undefined;
    const byChannel = [mean, variance, scale, offset];
    if (byChannel.some(({ shape }) => shape.join() !== String(channels))) return undefined;
    return dispatch(backend, normalised, { inputs: [x, ...byChannel], params: { channels, epsilon } })[0];
  },
);

export const batchNormTrainingKernel = gpuKernel<BatchNormTrainingInputs, BatchNormTrainingAttrs>(
  BatchNormTraining,
  (backend, { x, scale, offset }, { epsilon }) => {
    const { rows, channels, parts } = partsOf(x);
    const moments = partialSums(backend, partMoments, [x]);
    const [mean, variance] = dispatch(backend, joined, {
      inputs: moments,
      outputs: [[channels], [channels]],
      params: { rows, parts },
    });
    for (const { dataId } of moments) backend.disposeData(dataId);
    const inputs = [x, mean, variance, scale, offset];
    const [y] = dispatch(backend, normalised, { inputs, params: { channels, epsilon } });
    return [y, mean, variance];
  },
);

const partGradients = partialSumsShader(
  BatchNormTrainingGrad,
  { dy: 'float', x: 'float', mean: 'f32', variance: 'f32' },
  { offsets: 'read_dy(at)', scales: 'read_dy(at) * (read_x(at) - mean[c]) * inverse' },
  { params: { epsilon: 'f32' }, before: '  let inverse = 1.0 / sqrt(variance[c] + params.epsilon);' },
);

const inputGradient = elementwiseShader({
  name: `${BatchNormTrainingGrad}Input`,
  inputs: {
    ...{ dy: 'float', x: 'float', mean: 'f32', variance: 'f32' },
    ...{ scale: 'f32', dScale: 'f32', dOffset: 'f32' },
  },
  outputs: { dx: 'float' },
  params: { channels: 'u32', epsilon: 'f32', share: 'f32' },
  body: `  let c = i % params.channels;
  let inverse = 1.0 / sqrt(variance[c] + params.epsilon);
  let normal = (read_x(i) - mean[c]) * inverse;
  write_dx(i, scale[c] * inverse * (read_dy(i) - params.share * (dOffset[c] + normal * dScale[c])));`,
});

export const batchNormTrainingGradKernel = gpuKernel<BatchNormTrainingGradInputs, BatchNormTrainingGradAttrs>(
  BatchNormTrainingGrad,
  (backend, { dy, x, mean, variance, scale }, { epsilon }) => {
    const { rows, channels } = partsOf(x);
    const parts = partialSums(backend, partGradients, [dy, x, mean, variance], { epsilon });
    const [dOffset, dScale] = parts.map((part) => sumOfParts(backend, part, [[channels]])[0]);
    for (const { dataId } of parts) backend.disposeData(dataId);
    const [dx] = dispatch(backend, inputGradient, {
      inputs: [dy, x, mean, variance, scale, dScale, dOffset],
      outputs: [x.shape],
      params: { channels, epsilon, share: 1 / rows },
    });
    return [dx, dScale, dOffset];
  },
);
