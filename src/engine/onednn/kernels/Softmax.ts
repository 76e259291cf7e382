import {
  LogSoftmax,
  type LogSoftmaxInputs,
  Softmax,
  type SoftmaxInputs,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { util } from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../backend.js';
import { ARG, type SoftmaxKind } from '../ffi/enums.js';
import { nativeKernel } from '../kernel.js';

function softmaxOfRows(backend: OneDnnBackend, operation: SoftmaxKind, logits: TensorInfo): TensorInfo {
  const columns = logits.shape[logits.shape.length - 1];
  const src = backend.descriptors.dense([util.sizeFromShape(logits.shape) / columns, columns], 'f32');
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

/** Over the last axis, in f32. */
export const softmax = nativeKernel<SoftmaxInputs>(Softmax, ({ logits }, _, backend) =>
  softmaxOfRows(backend, 'softmax', logits),
);

/** Over the last axis, in f32. */
export const logSoftmax = nativeKernel<LogSoftmaxInputs>(LogSoftmax, ({ logits }, _, backend) =>
  softmaxOfRows(backend, 'logSoftmax', logits),
);
