import type { TensorInfo } from '@tensorflow/tfjs-core';
import { BatchNormTrainingGrad, type BatchNormTrainingGradAttrs } from '../../ops/BatchNormTrainingGrad.js';
import { imageLayouts } from '../batchNorm.js';
import type { OneDnnBackend } from '../backend.js';
import { canCodeNorm } from '../normalization/canCodeNorm.js';
import { CodedNorm } from '../normalization/codedNorm.js';
import type { Operation } from '../ffi/abi.js';
import { ARG } from '../ffi/enums.js';
import { nativeKernel } from '../kernel.js';

interface Inputs {
  dy: TensorInfo;
  x: TensorInfo;
  mean: TensorInfo;
  variance: TensorInfo;
  scale: TensorInfo;
  offset: TensorInfo;
}

/** → [dx in x's layout and type, dScale [C], dOffset [C]]; with an activation by machine code alone. */
export const batchNormTrainingGrad = nativeKernel<Inputs, BatchNormTrainingGradAttrs>(
  BatchNormTrainingGrad,
  (inputs, { epsilon, activation }, backend) => {
    const { dy, x, mean, variance, scale } = inputs;
    if (canCodeNorm(backend.native, x.shape)) return coded(backend, inputs, { epsilon, activation });
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

function coded(
  backend: OneDnnBackend,
  { dy, x, mean, variance, scale, offset }: Inputs,
  { epsilon, activation }: BatchNormTrainingGradAttrs,
): TensorInfo[] {
  const [m, v, s, o] = [mean, variance, scale, offset].map((info) => backend.values(info) as Float32Array);
  const norm = new CodedNorm(backend, x, activation, epsilon);
  const { dx, dScale, dOffset } = norm.gradients(dy, { mean: m, variance: v, scale: s, offset: o });
  return [dx, ...[dScale, dOffset].map((values) => backend.fromHost(values, scale.shape, 'float32'))];
}
