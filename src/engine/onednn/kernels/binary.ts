import {
  Add,
  type BinaryInputs,
  Maximum,
  Minimum,
  Multiply,
  RealDiv,
  Sub,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../backend.js';
import { binaryBroadcast, binarySameShape, commonType, unary } from '../elementwise/elementwise.js';
import type { BinaryKind } from '../ffi/enums.js';
import { type NativeKernel, nativeKernel } from '../kernel.js';
import { inOneShape } from '../rearranging/tiled.js';

/** Of maxima and minima the order matters where one is not a number. */
const isCommutative = (operation: BinaryKind): boolean => operation === 'add' || operation === 'mul';

function compute(
  operation: BinaryKind,
  a: TensorInfo,
  b: TensorInfo,
  backend: OneDnnBackend,
): TensorInfo | null {
  if (a.dtype !== 'float32' || b.dtype !== 'float32') return null;
  if (util.arraysEqual(a.shape, b.shape)) {
    return binarySameShape(backend, operation, a, b, commonType(backend, [a, b]));
  }
  if (util.sizeFromShape(a.shape) >= util.sizeFromShape(b.shape)) {
    const y = binaryBroadcast(backend, operation, a, b);
    if (y !== null) return y;
  } else if (isCommutative(operation)) {
    return compute(operation, b, a, backend);
  } else if (operation === 'sub' && a.shape.length === 0) {
    // value − tensor
    return unary(backend, 'linear', b, -1, (backend.values(a) as Float32Array)[0]);
  }
  return inOneShape(backend, a, b, (one, other) => compute(operation, one, other, backend));
}

function binaryKernel(name: string, operation: BinaryKind): NativeKernel {
  return nativeKernel<BinaryInputs>(name, ({ a, b }, _, backend) => compute(operation, a, b, backend), {
    isHostWhenSmall: true,
  });
}

/** Arithmetic on two tensors of one shape, or of which one repeats along axes of the other. */
export const binaryKernels: readonly NativeKernel[] = [
  binaryKernel(Add, 'add'),
  binaryKernel(Sub, 'sub'),
  binaryKernel(Multiply, 'mul'),
  binaryKernel(RealDiv, 'div'),
  binaryKernel(Maximum, 'max'),
  binaryKernel(Minimum, 'min'),
];
