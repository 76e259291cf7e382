import type { TensorInfo } from '@tensorflow/tfjs-core';
import { BatchNormTrainingGrad, type BatchNormTrainingGradAttrs } from '../../ops/BatchNormTrainingGrad.js';
import { imageLayouts } from '../batchNorm.js';
import type { Operation } from '../ffi/abi.js';
import { ARG } from '../ffi/enums.js';
import { nativeKernel } from '../kernel.js';

interface Inputs {
  dy: TensorInfo;
  x: TensorInfo;
  mean: TensorInfo;
  variance: TensorInfo;
  scale: TensorInfo;
}

/** → [dx in x's layout and type, dScale [C], dOffset [C]]. */
export const batchNormTrainingGrad = nativeKernel<Inputs, BatchNormTrainingGradAttrs>(
  BatchNormTrainingGrad,
  ({ dy, x, mean, variance, scale }, { epsilon }, backend) => {
    const isShiftNeeded = backend.native.abi.isShiftNeededByGradient;
    const { nhwc, nchw, channels } = imageLayouts(backend, x);
    const operation = (kind: 'batchNorm' | 'batchNormBackward') => (): Operation => ({
      kind,
      src: nchw,
      dst: nchw,
      epsilon,
      isTraining: true,
    });
    const primitive = backend.primitive(
      `batchNormGrad|${epsilon}|${nchw.id}`,
      [
        ...[
          ARG.src,
          ARG.mean,
          ARG.variance,
          ARG.diffDst,
          ARG.scale,
          ARG.diffSrc,
          ARG.diffScale,
          ARG.diffShift,
        ],
        ...(isShiftNeeded ? [ARG.shift] : []),
      ],
      operation('batchNormBackward'),
      [],
      operation('batchNorm'),
    );
    const perChannel = backend.descriptors.dense([channels], 'f32');
    const dx = backend.output(x.shape, 'float32', nhwc);
    const dScale = backend.output([channels], 'float32', perChannel);
    const dOffset = backend.output([channels], 'float32', perChannel);
    backend.execute(primitive, [
      backend.input(x, nhwc),
      backend.input(mean, perChannel),
      backend.input(variance, perChannel),
      backend.input(dy, nhwc),
      backend.input(scale, perChannel),
      dx.pointer,
      dScale.pointer,
      dOffset.pointer,
      ...(isShiftNeeded ? [backend.input(backend.constant(0, channels), perChannel)] : []),
    ]);
    return [dx.info, dScale.info, dOffset.info];
  },
);
