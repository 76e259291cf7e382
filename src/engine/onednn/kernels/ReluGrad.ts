import type { TensorInfo } from '@tensorflow/tfjs-core';
import { ReluGrad } from '../../ops/ReluGrad.js';
import { flat } from '../elementwise.js';
import { ARG } from '../ffi/enums.js';
import { nativeKernel } from '../kernel.js';

/** dy where y > 0, else 0·dy: zero for finite gradients, NaN for others, so that these do not go unseen. */
export const reluGrad = nativeKernel<{ dy: TensorInfo; y: TensorInfo }>(ReluGrad, ({ dy, y }, _, backend) => {
  const desc = backend.layout(y);
  const data = flat(backend, desc);
  const primitive = backend.primitive(
    `reluGrad|${data.id}`,
    [ARG.dst, ARG.diffDst, ARG.diffSrc],
    () => ({ kind: 'eltwiseBackward', function: 'reluUseDst', data }),
    [],
    () => ({ kind: 'eltwise', function: 'reluUseDst', alpha: 0, beta: 0, src: data }),
  );
  const dx = backend.output(y.shape, 'float32', desc);
  backend.execute(primitive, [backend.input(y, desc), backend.input(dy, desc), dx.pointer]);
  return dx.info;
});
