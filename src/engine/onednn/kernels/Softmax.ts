import {
  LogSoftmax,
  type LogSoftmaxInputs,
  Softmax,
  type SoftmaxInputs,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../backend.js';
import { ARG, type SoftmaxKind } from '../ffi/enums.js';
import { nativeKernel } from '../kernel.js';
import { sumMatrix } from '../elementwise/sums.js';

/** The library takes a NaN for a very negative number; a sum is NaN wherever an element is. */
function hasNaN(backend: OneDnnBackend, x: TensorInfo, shape: readonly [number, number]): boolean {
  const sums = sumMatrix(backend, x, shape, 'columns', 1);
  const found = (backend.values(sums) as Float32Array).some(Number.isNaN);
  backend.disposeData(sums.dataId);
  return found;
}

/** Null when a logit is NaN. */
function softmaxOfRows(
  backend: OneDnnBackend,
  operation: SoftmaxKind,
  logits: TensorInfo,
): TensorInfo | null {
  const columns = logits.shape[logits.shape.length - 1];
  const rows = util.sizeFromShape(logits.shape) / columns;
  if (hasNaN(backend, logits, [rows, columns])) return null;
  const src = backend.descriptors.dense([rows, columns], 'f32');
  const primitive = backend.primitive(`${operation}|${src.id}`, [ARG.src, ARG.dst], () => ({
    kind: 'softmax',
    operation,
    src,
    axis: 1,
  }));
  const y = backend.output(logits.shape, 'float32', src);
  backend.execute(primitive, [backend.input(logits, src), y.pointer]);
  return y.info;
}

/** Over the last axis, in f32; a row with a NaN is NaN. */
export const softmax = nativeKernel<SoftmaxInputs>(Softmax, ({ logits }, _, backend) =>
  softmaxOfRows(backend, 'softmax', logits),
);

/** Over the last axis, in f32; a row with a NaN is NaN. */
export const logSoftmax = nativeKernel<LogSoftmaxInputs>(LogSoftmax, ({ logits }, _, backend) =>
  softmaxOfRows(backend, 'logSoftmax', logits),
);
