import { MaxPoolGrad, type MaxPoolGradAttrs, type TensorInfo, backend_util } from '@tensorflow/tfjs-core';
import { dispatch } from '../dispatch.js';
import { gpuKernel } from '../kernel.js';
import { elementwiseShader } from '../shader.js';

/**
 * A thread an element of the input: it gathers from the windows that it is the first maximum of, in their order. tfjs's own gives the
 * last one what several are equal in, which no other backend does.
 */
const shader = elementwiseShader({
  name: MaxPoolGrad,
  inputs: { dy: 'f32', x: 'f32' },
  outputs: { dx: 'f32' },
  params: {
    ...{ height: 'i32', width: 'i32', channels: 'i32', outHeight: 'i32', outWidth: 'i32' },
    ...{
      windowHeight: 'i32',
      windowWidth: 'i32',
      strideY: 'i32',
      strideX: 'i32',
      padTop: 'i32',
      padLeft: 'i32',
    },
  },
  head: `
fn isFirstMaximum(image: i32, channel: i32, y: i32, x_: i32, top: i32, left: i32) -> bool {
  let own = x[((image * params.height + y) * params.width + x_) * params.channels + channel];
  for (var row = max(top, 0); row < min(top + params.windowHeight, params.height); row++) {
    for (var column = max(left, 0); column < min(left + params.windowWidth, params.width); column++) {
      let other = x[((image * params.height + row) * params.width + column) * params.channels + channel];
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
        sum += dy[((image * params.outHeight + outY) * params.outWidth + outX) * params.channels + channel];
      }
    }
  }
  dx[i] = sum;`,
});

export const maxPoolGradKernel = gpuKernel<{ dy: TensorInfo; input: TensorInfo }, MaxPoolGradAttrs>(
  MaxPoolGrad,
  (backend, { dy, input }, { filterSize, strides, pad, dimRoundingMode }) => {
    const shape = input.shape as [number, number, number, number];
    const pool = backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
    const { top, left } = pool.padInfo;
    const params = {
      ...{ height: pool.inHeight, width: pool.inWidth, channels: pool.inChannels },
      ...{ outHeight: pool.outHeight, outWidth: pool.outWidth },
      ...{ windowHeight: pool.filterHeight, windowWidth: pool.filterWidth },
      ...{ strideY: pool.strideHeight, strideX: pool.strideWidth, padTop: top, padLeft: left },
    };
    return dispatch(backend, shader, { inputs: [dy, input], outputs: [input.shape], params })[0];
  },
);
