import { Conv2D, FusedConv2D, type FusedConv2DAttrs, type TensorInfo } from '@tensorflow/tfjs-core';
import type { GpuBackend } from '../gpuBackend.js';
import { CONV_PARAMS, convGeometry, inputAt, isPlain, patchFields, positionFields } from '../convGeometry.js';
import { dispatch } from '../dispatch.js';
import { gpuKernel } from '../kernel.js';
import { RECTIFIED } from '../bits.js';
import { type TiledShaders, tiled, tiledProductShaders } from '../tiledProduct.js';

/**
 * Patches, which are nowhere written, times filters: [positions, kh·kw·Cin] × [kh·kw·Cin, Cout]. Positions of all images are one line,
 * so that small maps fill the tiles, too.
 */
const shadersOf = (hasBias: boolean, isRectified: boolean): TiledShaders => {
  const value = hasBias ? 'sum + bias[column]' : 'sum';
  return tiledProductShaders({
    name: FusedConv2D,
    inputs: { x: 'float', w: 'f32', ...(hasBias && { bias: 'f32' as const }) },
    outputs: { y: 'float' },
    params: CONV_PARAMS,
    head: isRectified ? RECTIFIED : '',
    left: {
      line: positionFields('line'),
      depth: patchFields('k'),
      value: inputAt('l', 'd'),
      along: 'depth',
    },
    right: { value: '  return w[k * params.columns + line];', along: 'line' },
    store: `write_y(row * params.columns + column, ${isRectified ? `rectified(${value})` : value});`,
  });
};

const shaders = [false, true].map((hasBias) =>
  [false, true].map((isRectified) => shadersOf(hasBias, isRectified)),
);

interface Inputs {
  x: TensorInfo;
  filter: TensorInfo;
  bias?: TensorInfo;
  preluActivationWeights?: TensorInfo;
}

type Attrs = Pick<FusedConv2DAttrs, 'strides' | 'pad' | 'dimRoundingMode'> &
  Partial<Pick<FusedConv2DAttrs, 'dataFormat' | 'dilations' | 'activation'>>;

function convolution(
  backend: GpuBackend,
  { x, filter, bias, ...others }: Inputs,
  attrs: Attrs,
): TensorInfo | undefined {
  const { activation = 'linear' } = attrs;
  const isOurs = isPlain(attrs) && (activation === 'linear' || activation === 'relu');
  // A bias of another shape than [Cout] is tfjs's matter.
  const isByChannel = bias === undefined || bias.shape.join() === String(filter.shape[3]);
  if (!isOurs || !isByChannel || others.preluActivationWeights !== undefined) return undefined;
  const { params, positions, patch, outShape } = convGeometry(x.shape, filter.shape, attrs);
  const columns = params.outChannels;
  const variant = shaders[Number(bias !== undefined)][Number(activation === 'relu')];
  const { shader, groups } = tiled(backend, variant, positions, columns);
  return dispatch(backend, shader, {
    inputs: [x, filter, ...(bias === undefined ? [] : [bias])],
    outputs: [outShape],
    params: { ...params, rows: positions, columns, depth: patch, perPart: patch },
    groups: [...groups, 1],
    flops: 2 * positions * columns * patch,
  })[0];
}

export const fusedConv2DKernel = gpuKernel<Inputs, Attrs>(FusedConv2D, convolution);

export const conv2DKernel = gpuKernel<Inputs, Attrs>(Conv2D, convolution);
