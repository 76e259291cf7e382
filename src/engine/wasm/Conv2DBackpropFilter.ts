import { Conv2DBackpropFilter, _FusedMatMul, backend_util } from '@tensorflow/tfjs-core';
import type {
  Conv2DBackpropFilterAttrs,
  Conv2DBackpropFilterInputs,
  KernelConfig,
  TensorInfo,
} from '@tensorflow/tfjs-core';
import { gatherInputRow, gatherOutputRow, shiftColumns } from './convRows.js';
import { callKernel, floatsOf, release } from './heap.js';
import type { BackendWasm } from './heap.js';

/**
 * Floats of dy in one matrix product. XNNPACK runs a product at full speed only while the right-hand matrix stays in the
 * processor's second-level cache: at 512 KiB it does, at 13 MB (a whole layer at once) it runs at a third of it.
 */
const RIGHT_HAND_FLOATS = 131072;

type ConvInfo = backend_util.Conv2DInfo;

/**
 * Gradient of a convolution by its filter, as matrix products: for each row of the images, the row's channels
 * [kw·Cin, W'·n] (shifted once for each filter column) times each row of dy it meets [W'·n, Cout], summed up.
 * @param x [N, H, W, Cin]
 * @param dy [N, H', W', Cout]
 * @returns [kh, kw, Cin, Cout], to be released by the caller
 */
export function filterGradient(
  backend: BackendWasm,
  x: TensorInfo,
  dy: TensorInfo,
  attrs: Conv2DBackpropFilterAttrs,
): TensorInfo {
  const { strides, pad, dimRoundingMode, dataFormat, filterShape } = attrs;
  if (dataFormat !== 'NHWC') {
    throw new Error(`${Conv2DBackpropFilter}: expected data format NHWC, got ${dataFormat}.`);
  }
  const shape = x.shape as [number, number, number, number];
  const conv = backend_util.computeConv2DInfo(shape, filterShape, strides, 1, pad, dimRoundingMode);
  const out = backend.makeOutput(filterShape, 'float32');
  floatsOf(backend, out).fill(0);
  const imagesAtOnce = Math.max(1, Math.floor(RIGHT_HAND_FLOATS / (conv.outWidth * conv.outChannels)));
  for (let first = 0; first < conv.batchSize; first += imagesAtOnce) {
    addImages(backend, conv, x, dy, out, first, Math.min(imagesAtOnce, conv.batchSize - first));
  }
  return out;
}

/** Adds what `count` images from `first` on contribute to the gradient `out`. */
function addImages(
  backend: BackendWasm,
  conv: ConvInfo,
  x: TensorInfo,
  dy: TensorInfo,
  out: TensorInfo,
  first: number,
  count: number,
): void {
  const { filterHeight, filterWidth, inChannels, outChannels, outWidth, outHeight, inHeight } = conv;
  const left = backend.makeOutput([1, filterWidth * inChannels, outWidth * count], 'float32');
  const paddedWidth = (outWidth - 1) * conv.strideWidth + filterWidth;
  const row = new Float32Array(inChannels * paddedWidth * count);
  // Rows of dy in use. Each is one tensor for as long as it is: XNNPACK keeps its packed copy by the tensor's identity.
  const right = new Map<number, TensorInfo>();
  for (let inRow = 0; inRow < inHeight; inRow++) {
    let filled = false;
    for (let tap = 0; tap < filterHeight; tap++) {
      const outRow = (inRow + conv.padInfo.top - tap) / conv.strideHeight;
      if (!Number.isInteger(outRow) || outRow < 0 || outRow >= outHeight) continue;
      if (!right.has(outRow)) {
        right.set(outRow, gatherOutputRow(backend, conv, dy, outRow, first, count));
      }
      if (!filled) {
        gatherInputRow(floatsOf(backend, x), row, conv, inRow, first, count, paddedWidth);
        shiftColumns(row, floatsOf(backend, left), conv, count, paddedWidth);
        filled = true;
      }
      const b = right.get(outRow) as TensorInfo;
      const product = multiply(backend, left, b);
      addTo(floatsOf(backend, out), floatsOf(backend, product), tap * filterWidth * inChannels * outChannels);
      backend.disposeData(product.dataId);
    }
    for (const [outRow, info] of right) {
      const lastInRow = outRow * conv.strideHeight + filterHeight - 1 - conv.padInfo.top;
      if (lastInRow <= inRow || inRow === inHeight - 1) {
        backend.disposeData(info.dataId);
        right.delete(outRow);
      }
    }
  }
  release(backend, [left]);
}

function multiply(backend: BackendWasm, a: TensorInfo, b: TensorInfo): TensorInfo {
  const attrs = { transposeA: false, transposeB: false, activation: 'linear' };
  return callKernel(_FusedMatMul, backend, { a, b }, attrs);
}

function addTo(sum: Float32Array, terms: Float32Array, offset: number): void {
  for (let i = 0; i < terms.length; i++) sum[offset + i] += terms[i];
}

export const conv2DBackpropFilterConfig: KernelConfig = {
  kernelName: Conv2DBackpropFilter,
  backendName: 'wasm',
  kernelFunc: ({ inputs, backend, attrs }) => {
    const { x, dy } = inputs as Required<Conv2DBackpropFilterInputs>;
    return filterGradient(
      backend as BackendWasm,
      x as TensorInfo,
      dy as TensorInfo,
      attrs as unknown as Conv2DBackpropFilterAttrs,
    );
  },
};
