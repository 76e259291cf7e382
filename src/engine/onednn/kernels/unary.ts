import {
  Abs,
  backend_util,
  Elu,
  Exp,
  LeakyRelu,
  type LeakyReluAttrs,
  type LeakyReluInputs,
  Log,
  Neg,
  Relu,
  Selu,
  Sigmoid,
  Softplus,
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
  // With a factor that the newer library wants, of the argument and by which the result is divided.
  unaryKernel(Softplus, 'softplus', 1),
  unaryKernel(Square, 'square'),
  unaryKernel(Tanh, 'tanh'),
  nativeKernel<UnaryInputs>(
    Selu,
    ({ x }, _, backend) => {
      if (x.dtype !== 'float32') return null;
      const elu = unary(backend, 'elu', x, backend_util.SELU_SCALEALPHA / backend_util.SELU_SCALE);
      const y = unary(backend, 'linear', elu, backend_util.SELU_SCALE);
      backend.disposeData(elu.dataId);
      return y;
    },
    { isHostWhenSmall: true },
  ),
  nativeKernel<LeakyReluInputs, LeakyReluAttrs>(
    LeakyRelu,
    ({ x }, { alpha }, backend) =>
      x.dtype === 'float32' ? unary(backend, 'relu', x, alpha === 0 ? RELU_SLOPE : alpha) : null,
    { isHostWhenSmall: true },
  ),
];
