import { Conv2DBackpropFilter, backend_util } from '@tensorflow/tfjs-core';
import type { Conv2DBackpropFilterAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import {
  Conv2DBackpropFilterBias,
  type Conv2DBackpropFilterBiasInputs,
} from '../../ops/Conv2DBackpropFilterBias.js';
import { dispatch } from '../dispatch.js';
import { gpuKernel } from '../kernel.js';
import { makeShader } from '../shader.js';
import type { GpuBackend } from '../backend.js';
import { channelSums, sumOfParts } from './channelSums.js';

/** Of the gradient, that a workgroup makes: 64 threads of 4×4. */
const TILE = 32;
/** Positions that are read at a time. */
const DEPTH = 16;
/** Positions of a part at least, and workgroups in all that keep a card busy. */
const FEWEST_POSITIONS = 256;
const WORKGROUPS = 512;

/**
 * The gradient as a matrix product of the input's patches, which are nowhere written, and dy, over all positions:
 * [kh·kw·Cin, positions] × [positions, Cout], split over positions; parts are added in their order.
 */
const shader = makeShader({
  name: Conv2DBackpropFilter,
  inputs: { x: 'f32', dy: 'f32' },
  outputs: { parts: 'f32' },
  params: {
    ...{ size: 'u32', rows: 'u32', columns: 'u32', positions: 'u32', perPart: 'u32' },
    ...{ filterWidth: 'u32', inChannels: 'u32', inHeight: 'i32', inWidth: 'i32' },
    ...{ outHeight: 'u32', outWidth: 'u32', strideY: 'i32', strideX: 'i32', padTop: 'i32', padLeft: 'i32' },
  },
  workgroup: [64],
  head: `
var<workgroup> left: array<f32, ${DEPTH * TILE}>;
var<workgroup> right: array<f32, ${DEPTH * TILE}>;`,
  body: `  let rowBase = group.x * ${TILE}u;
  let columnBase = group.y * ${TILE}u;
  let threadRow = (local.x / 8u) * 4u;
  let threadColumn = (local.x % 8u) * 4u;
  let first = group.z * params.perPart;
  var sums: array<array<f32, 4>, 4>;
  for (var step = 0u; step < params.perPart; step += ${DEPTH}u) {
    for (var k = local.x; k < ${DEPTH * TILE}u; k += 64u) {
      let position = first + step + k / ${TILE}u;
      let row = rowBase + k % ${TILE}u;
      let column = columnBase + k % ${TILE}u;
      var a = 0.0;
      var b = 0.0;
      if (step + k / ${TILE}u < params.perPart && position < params.positions) {
        let outX = position % params.outWidth;
        let outY = (position / params.outWidth) % params.outHeight;
        let image = position / (params.outWidth * params.outHeight);
        if (row < params.rows) {
          let tap = row / params.inChannels;
          let y = i32(outY) * params.strideY + i32(tap / params.filterWidth) - params.padTop;
          let x_ = i32(outX) * params.strideX + i32(tap % params.filterWidth) - params.padLeft;
          if (y >= 0 && y < params.inHeight && x_ >= 0 && x_ < params.inWidth) {
            let pixel = (image * u32(params.inHeight) + u32(y)) * u32(params.inWidth) + u32(x_);
            a = x[pixel * params.inChannels + row % params.inChannels];
          }
        }
        if (column < params.columns) { b = dy[position * params.columns + column]; }
      }
      left[k] = a;
      right[k] = b;
    }
    workgroupBarrier();
    for (var k = 0u; k < ${DEPTH}u; k++) {
      let at = k * ${TILE}u;
      for (var i = 0u; i < 4u; i++) {
        let a = left[at + threadRow + i];
        for (var j = 0u; j < 4u; j++) { sums[i][j] += a * right[at + threadColumn + j]; }
      }
    }
    workgroupBarrier();
  }
  for (var i = 0u; i < 4u; i++) {
    for (var j = 0u; j < 4u; j++) {
      let row = rowBase + threadRow + i;
      let column = columnBase + threadColumn + j;
      if (row < params.rows && column < params.columns) {
        parts[(group.z * params.rows + row) * params.columns + column] = sums[i][j];
      }
    }
  }`,
});

function filterGradient(
  backend: GpuBackend,
  x: TensorInfo,
  dy: TensorInfo,
  { strides, pad, dimRoundingMode, filterShape }: Conv2DBackpropFilterAttrs,
): TensorInfo {
  const shape = x.shape as [number, number, number, number];
  const conv = backend_util.computeConv2DInfo(shape, filterShape, strides, 1, pad, dimRoundingMode);
  const rows = conv.filterHeight * conv.filterWidth * conv.inChannels;
  const columns = conv.outChannels;
  const positions = conv.batchSize * conv.outHeight * conv.outWidth;
  const tiles = Math.ceil(rows / TILE) * Math.ceil(columns / TILE);
  const count = Math.max(1, Math.min(Math.ceil(positions / FEWEST_POSITIONS), Math.ceil(WORKGROUPS / tiles)));
  const [parts] = dispatch(backend, shader, {
    inputs: [x, dy],
    outputs: [[count, ...filterShape]],
    params: {
      ...{ rows, columns, positions, perPart: Math.ceil(positions / count) },
      ...{ filterWidth: conv.filterWidth, inChannels: conv.inChannels },
      ...{
        inHeight: conv.inHeight,
        inWidth: conv.inWidth,
        outHeight: conv.outHeight,
        outWidth: conv.outWidth,
      },
      ...{ strideY: conv.strideHeight, strideX: conv.strideWidth },
      ...{ padTop: conv.padInfo.top, padLeft: conv.padInfo.left },
    },
    groups: [Math.ceil(rows / TILE), Math.ceil(columns / TILE), count],
  });
  const sum = sumOfParts(backend, parts, filterShape);
  backend.disposeData(parts.dataId);
  return sum;
}

export const filterGradientKernel = gpuKernel<{ x: TensorInfo; dy: TensorInfo }, Conv2DBackpropFilterAttrs>(
  Conv2DBackpropFilter,
  (backend, { x, dy }, attrs) => filterGradient(backend, x, dy, attrs),
);

export const filterBiasGradientKernel = gpuKernel<Conv2DBackpropFilterBiasInputs, Conv2DBackpropFilterAttrs>(
  Conv2DBackpropFilterBias,
  (backend, { x, dy }, attrs) => [filterGradient(backend, x, dy, attrs), channelSums(backend, dy)],
);
