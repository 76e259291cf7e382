import { Conv2DBackpropInput, type Conv2DBackpropInputAttrs, type TensorInfo } from '@tensorflow/tfjs-core';
import { CONV_PARAMS, convGeometry, isPlain } from '../convGeometry.js';
import { dispatch } from '../dispatch.js';
import { gpuKernel } from '../kernel.js';
import { tiled, tiledProductShaders } from '../tiledProduct.js';

/** For each input position what the outputs that read it pass back: [N·H·W, kh·kw·Cout] × [kh·kw·Cout, Cin]. */
const shaders = tiledProductShaders({
  name: Conv2DBackpropInput,
  inputs: { dy: 'float', w: 'f32' },
  outputs: { dx: 'float' },
  params: CONV_PARAMS,
  left: {
    line: {
      image: ['i32', 'i32(line) / (params.inWidth * params.inHeight)'],
      bottom: ['i32', '(i32(line) / params.inWidth) % params.inHeight + params.padTop'],
      right: ['i32', 'i32(line) % params.inWidth + params.padLeft'],
    },
    depth: {
      down: ['i32', 'i32(k / params.outChannels / params.filterWidth)'],
      across: ['i32', 'i32((k / params.outChannels) % params.filterWidth)'],
      channel: ['u32', 'k % params.outChannels'],
    },
    value: `
  let steppedY = l.bottom - d.down;
  let steppedX = l.right - d.across;
  let y = steppedY / params.strideY;
  let x = steppedX / params.strideX;
  if (steppedY < 0 || y >= params.outHeight || y * params.strideY != steppedY) { return 0.0; }
  if (steppedX < 0 || x >= params.outWidth || x * params.strideX != steppedX) { return 0.0; }
  return read_dy(u32((l.image * params.outHeight + y) * params.outWidth + x) * params.outChannels + d.channel);`,
    along: 'depth',
  },
  right: {
    depth: {
      tap: ['u32', 'k / params.outChannels'],
      channel: ['u32', 'k % params.outChannels'],
    },
    value: '  return w[(d.tap * params.inChannels + line) * params.outChannels + d.channel];',
    along: 'depth',
  },
  store: 'write_dx(row * params.columns + column, sum);',
});

export const inputGradientKernel = gpuKernel<
  { dy: TensorInfo; filter: TensorInfo },
  Conv2DBackpropInputAttrs
>(Conv2DBackpropInput, (backend, { dy, filter }, attrs) => {
  if (!isPlain(attrs)) return undefined;
  const { inputShape } = attrs;
  const { params, outShape } = convGeometry(inputShape, filter.shape, attrs);
  // A transposed convolution may be of a size that no convolution gives.
  if (outShape.join() !== dy.shape.join()) return undefined;
  const rows = inputShape[0] * params.inHeight * params.inWidth;
  const depth = params.filterHeight * params.filterWidth * params.outChannels;
  const columns = params.inChannels;
  const { shader, groups } = tiled(backend, shaders, rows, columns);
  return dispatch(backend, shader, {
    inputs: [dy, filter],
    outputs: [inputShape],
    params: { ...params, rows, columns, depth, perPart: depth },
    groups: [...groups, 1],
    flops: 2 * rows * columns * depth,
  })[0];
});
