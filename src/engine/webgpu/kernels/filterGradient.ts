import { Conv2DBackpropFilter } from '@tensorflow/tfjs-core';
import type { Conv2DBackpropFilterAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import {
  Conv2DBackpropFilterBias,
  type Conv2DBackpropFilterBiasInputs,
} from '../../ops/Conv2DBackpropFilterBias.js';
import type { GpuBackend } from '../gpuBackend.js';
import { CONV_PARAMS, convGeometry, inputAt, isPlain, patchFields, positionFields } from '../convGeometry.js';
import { dispatch } from '../dispatch.js';
import { gpuKernel } from '../kernel.js';
import { type TiledShaders, tiled, tiledProductShaders } from '../tiledProduct.js';
import { sumOfParts } from './channelSums.js';

/** Positions of a part at least, and workgroups in all that keep a card busy. */
const FEWEST_POSITIONS = 256;
const WORKGROUPS = 512;

/**
 * The gradient as a matrix product of the input's patches, which are nowhere written, and dy, over all positions:
 * [kh·kw·Cin, positions] × [positions, Cout], split over positions; parts are added in their order. For the bias's gradient the patches
 * have one element more, which is 1.
 */
const shadersOf = (hasBias: boolean): TiledShaders =>
  tiledProductShaders({
    name: Conv2DBackpropFilter,
    inputs: { x: 'float', dy: 'float' },
    outputs: { parts: 'f32' },
    params: CONV_PARAMS,
    left: {
      line: patchFields('line'),
      depth: positionFields('k'),
      value: `${hasBias ? 'if (line + 1u == params.rows) { return 1.0; }' : ''}${inputAt('d', 'l')}`,
      along: 'line',
    },
    right: { value: '  return read_dy(k * params.columns + line);', along: 'line' },
    store: 'parts[(z * params.rows + row) * params.columns + column] = sum;',
  });

const shaders = { filter: shadersOf(false), both: shadersOf(true) };

/** [parts, patch (+ 1), Cout] */
function partsOf(
  backend: GpuBackend,
  x: TensorInfo,
  dy: TensorInfo,
  attrs: Conv2DBackpropFilterAttrs,
  kind: keyof typeof shaders,
): TensorInfo {
  const { params, positions, patch } = convGeometry(x.shape, attrs.filterShape, attrs);
  const rows = patch + (kind === 'both' ? 1 : 0);
  const columns = params.outChannels;
  const { shader, groups } = tiled(backend, shaders[kind], rows, columns);
  const most = Math.min(
    Math.ceil(positions / FEWEST_POSITIONS),
    Math.ceil(WORKGROUPS / (groups[0] * groups[1])),
  );
  const perPart = Math.ceil(positions / Math.max(1, most));
  const count = Math.ceil(positions / perPart);
  return dispatch(backend, shader, {
    inputs: [x, dy],
    outputs: [[count, rows, columns]],
    params: { ...params, rows, columns, depth: positions, perPart },
    groups: [...groups, count],
    flops: 2 * positions * columns * patch,
  })[0];
}

export const filterGradientKernel = gpuKernel<{ x: TensorInfo; dy: TensorInfo }, Conv2DBackpropFilterAttrs>(
  Conv2DBackpropFilter,
  (backend, { x, dy }, attrs) => {
    if (!isPlain(attrs)) return undefined;
    const parts = partsOf(backend, x, dy, attrs, 'filter');
    const [sum] = sumOfParts(backend, parts, [attrs.filterShape]);
    backend.disposeData(parts.dataId);
    return sum;
  },
);

export const filterBiasGradientKernel = gpuKernel<Conv2DBackpropFilterBiasInputs, Conv2DBackpropFilterAttrs>(
  Conv2DBackpropFilterBias,
  (backend, { x, dy }, attrs) => {
    const parts = partsOf(backend, x, dy, attrs, 'both');
    const sums = sumOfParts(backend, parts, [attrs.filterShape, [attrs.filterShape[3]]]);
    backend.disposeData(parts.dataId);
    return sums;
  },
);
