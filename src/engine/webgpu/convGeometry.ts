import { type Conv2DBackpropFilterAttrs, backend_util } from '@tensorflow/tfjs-core';
import type { ShaderSource } from './shader.js';

/** What kernels of convolutions need to know of one, as parameters of their shaders. */
export const CONV_PARAMS: NonNullable<ShaderSource['params']> = {
  ...{ filterHeight: 'u32', filterWidth: 'u32', inChannels: 'u32', outChannels: 'u32' },
  ...{ inHeight: 'i32', inWidth: 'i32', outHeight: 'i32', outWidth: 'i32' },
  ...{ strideY: 'i32', strideX: 'i32', padTop: 'i32', padLeft: 'i32' },
};

export interface ConvGeometry {
  params: Record<
    'inHeight' | 'inWidth' | 'inChannels' | 'outChannels' | 'filterHeight' | 'filterWidth',
    number
  >;
  /** Output positions of all images together; taps of the filter times input channels. */
  positions: number;
  patch: number;
  outShape: number[];
}

/** @param x shape of the input [N, H, W, Cin] @param filter [kh, kw, Cin, Cout] */
export function convGeometry(
  x: readonly number[],
  filter: readonly number[],
  { strides, pad, dimRoundingMode }: Pick<Conv2DBackpropFilterAttrs, 'strides' | 'pad' | 'dimRoundingMode'>,
): ConvGeometry {
  const conv = backend_util.computeConv2DInfo(
    x as [number, number, number, number],
    filter as [number, number, number, number],
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const { filterHeight, filterWidth, inChannels, outChannels, inHeight, inWidth, outHeight, outWidth } = conv;
  return {
    params: {
      ...{ filterHeight, filterWidth, inChannels, outChannels, inHeight, inWidth, outHeight, outWidth },
      ...{ strideY: conv.strideHeight, strideX: conv.strideWidth },
      ...{ padTop: conv.padInfo.top, padLeft: conv.padInfo.left },
    },
    positions: conv.batchSize * outHeight * outWidth,
    patch: filterHeight * filterWidth * inChannels,
    outShape: conv.outShape,
  };
}

/** Whether a convolution is one that the kernels here know: channels last, no dilation. */
export function isPlain({
  dataFormat,
  dilations,
}: {
  dataFormat?: string;
  dilations?: number | number[];
}): boolean {
  return dataFormat !== 'NCHW' && [dilations ?? 1].flat().every((dilation) => dilation === 1);
}

/** Fields of an output position, in terms of the number `name`: its first input pixel, which may lie outside. */
export const positionFields = (name: 'line' | 'k') =>
  ({
    image: ['i32', `i32(${name}) / (params.outWidth * params.outHeight)`],
    top: ['i32', `((i32(${name}) / params.outWidth) % params.outHeight) * params.strideY - params.padTop`],
    left: ['i32', `(i32(${name}) % params.outWidth) * params.strideX - params.padLeft`],
  }) as const;

/** Fields of an element of a patch, in terms of the number `name`. */
export const patchFields = (name: 'line' | 'k') =>
  ({
    down: ['i32', `i32(${name} / params.inChannels / params.filterWidth)`],
    across: ['i32', `i32((${name} / params.inChannels) % params.filterWidth)`],
    channel: ['u32', `${name} % params.inChannels`],
  }) as const;

/** An input element: WGSL, of the structures' names that have the fields above. */
export const inputAt = (position: 'l' | 'd', patch: 'l' | 'd'): string => `
  let y = ${position}.top + ${patch}.down;
  let x_ = ${position}.left + ${patch}.across;
  if (y < 0 || y >= params.inHeight || x_ < 0 || x_ >= params.inWidth) { return 0.0; }
  return read_x(u32((${position}.image * params.inHeight + y) * params.inWidth + x_) * params.inChannels + ${patch}.channel);`;
