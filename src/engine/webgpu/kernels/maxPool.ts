import { MaxPool, type MaxPoolAttrs, MaxPoolGrad, type MaxPoolGradAttrs } from '@tensorflow/tfjs-core';
import { type TensorInfo, backend_util } from '@tensorflow/tfjs-core';
import { dispatch } from '../dispatch.js';
import { gpuKernel } from '../kernel.js';
import { elementwiseShader } from '../shader.js';

const POOL_PARAMS = {
  height: 'i32',
  width: 'i32',
  channels: 'i32',
  outHeight: 'i32',
  outWidth: 'i32',
  windowHeight: 'i32',
  windowWidth: 'i32',
  strideY: 'i32',
  strideX: 'i32',
  padTop: 'i32',
  padLeft: 'i32',
} as const;

/** Where an element of the input lies. */
const AT = `
fn at(image: i32, channel: i32, y: i32, x_: i32) -> u32 {
  return u32(((image * params.height + y) * params.width + x_) * params.channels + channel);
}`;

/** A thread an element of the output. What is no number is left out, as by tfjs's own. */
const forward = elementwiseShader({
  name: MaxPool,
  inputs: { x: 'float' },
  outputs: { y: 'float' },
  params: POOL_PARAMS,
  head: AT,
  body: `  let channel = i32(i) % params.channels;
  let left = ((i32(i) / params.channels) % params.outWidth) * params.strideX - params.padLeft;
  let top = ((i32(i) / (params.channels * params.outWidth)) % params.outHeight) * params.strideY - params.padTop;
  let image = i32(i) / (params.channels * params.outWidth * params.outHeight);
  var most = -3.4e38;
  for (var row = max(top, 0); row < min(top + params.windowHeight, params.height); row++) {
    for (var column = max(left, 0); column < min(left + params.windowWidth, params.width); column++) {
      most = max(most, read_x(at(image, channel, row, column)));
    }
  }
  write_y(i, most);`,
});

/**
 * A thread an element of the input: it gathers from the windows that it is the first maximum of, in their order. tfjs's own gives the
 * last one what several are equal in, which no other backend does.
 */
const backward = elementwiseShader({
  name: MaxPoolGrad,
  inputs: { dy: 'float', x: 'float' },
  outputs: { dx: 'float' },
  params: POOL_PARAMS,
  head: `${AT}
fn isFirstMaximum(image: i32, channel: i32, y: i32, x_: i32, top: i32, left: i32) -> bool {
  let own = read_x(at(image, channel, y, x_));
  for (var row = max(top, 0); row < min(top + params.windowHeight, params.height); row++) {
    for (var column = max(left, 0); column < min(left + params.windowWidth, params.width); column++) {
      let other = read_x(at(image, channel, row, column));
      let isBefore = row < y || (row == y && column < x_);
      if (other > own || (isBefore && other == own)) { return false; }
    }
  }
  return true;
}`,
  body: `  let channel = i32(i) % params.channels;
  let column = (i32(i) / params.channels) % params.width;
  let row = (i32(i) / (params.channels * params.width)) % params.height;
  let image = i32(i) / (params.channels * params.width * params.height);
  let down = row + params.padTop;
  let across = column + params.padLeft;
  let firstY = max(0, (down - params.windowHeight + params.strideY) / params.strideY);
  let firstX = max(0, (across - params.windowWidth + params.strideX) / params.strideX);
  var sum = 0.0;
  for (var outY = firstY; outY <= min(down / params.strideY, params.outHeight - 1); outY++) {
    for (var outX = firstX; outX <= min(across / params.strideX, params.outWidth - 1); outX++) {
      let top = outY * params.strideY - params.padTop;
      let left = outX * params.strideX - params.padLeft;
      if (isFirstMaximum(image, channel, row, column, top, left)) {
        sum += read_dy(u32(((image * params.outHeight + outY) * params.outWidth + outX) * params.channels + channel));
      }
    }
  }
  write_dx(i, sum);`,
});

type Window = Pick<MaxPoolAttrs, 'filterSize' | 'strides' | 'pad' | 'dimRoundingMode'>;

/** @param shape of the input [N, H, W, C] */
function poolOf(
  shape: readonly number[],
  { filterSize, strides, pad, dimRoundingMode }: Window,
): { outShape: number[]; params: Record<keyof typeof POOL_PARAMS, number> } {
  const input = shape as [number, number, number, number];
  const pool = backend_util.computePool2DInfo(input, filterSize, strides, 1, pad, dimRoundingMode);
  return {
    outShape: pool.outShape,
    params: {
      ...{ height: pool.inHeight, width: pool.inWidth, channels: pool.inChannels },
      ...{ outHeight: pool.outHeight, outWidth: pool.outWidth },
      ...{ windowHeight: pool.filterHeight, windowWidth: pool.filterWidth },
      ...{ strideY: pool.strideHeight, strideX: pool.strideWidth },
      ...{ padTop: pool.padInfo.top, padLeft: pool.padInfo.left },
    },
  };
}

export const maxPoolKernel = gpuKernel<{ x: TensorInfo }, MaxPoolAttrs>(MaxPool, (backend, { x }, attrs) => {
  const { outShape, params } = poolOf(x.shape, attrs);
  // Windows of one element are tfjs's matter, which lets those through that lie outside of the image.
  if (x.dtype !== 'float32' || params.windowHeight * params.windowWidth === 1) return undefined;
  return dispatch(backend, forward, { inputs: [x], outputs: [outShape], params })[0];
});

export const maxPoolGradKernel = gpuKernel<{ dy: TensorInfo; input: TensorInfo }, MaxPoolGradAttrs>(
  MaxPoolGrad,
  (backend, { dy, input }, attrs) => {
    const { params } = poolOf(input.shape, attrs);
    return dispatch(backend, backward, { inputs: [dy, input], outputs: [input.shape], params })[0];
  },
);
