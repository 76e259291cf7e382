import {
  Abs,
  Elu,
  Exp,
  Log,
  Neg,
  Relu,
  Sigmoid,
  Sqrt,
  Square,
  Tanh,
  type UnaryInputs,
} from '@tensorflow/tfjs-core';
import { unary } from '../elementwise/elementwise.js';
import { RELU_SLOPE } from '../elementwise/relu.js';
import type { EltwiseKind } from '../ffi/enums.js';
import { type NativeKernel, nativeKernel } from '../kernel.js';

function unaryKernel(name: string, kind: EltwiseKind, alpha = 0): NativeKernel {
  return nativeKernel<UnaryInputs>(
    name,
    ({ x }, _, backend) => (x.dtype === 'float32' ? unary(backend, kind, x, alpha) : null),
    { isHostWhenSmall: true },
  );
}

/** One function of every element, in the layout and type that the tensor has. */
export const unaryKernels: readonly NativeKernel[] = [
  unaryKernel(Relu, 'relu', RELU_SLOPE),
  unaryKernel(Abs, 'abs'),
  unaryKernel(Elu, 'elu', 1),
  unaryKernel(Exp, 'exp'),
  unaryKernel(Log, 'log'),
  unaryKernel(Neg, 'linear', -1),
  unaryKernel(Sigmoid, 'logistic'),
  unaryKernel(Sqrt, 'sqrt'),
  unaryKernel(Square, 'square'),
  unaryKernel(Tanh, 'tanh'),
];
