import type { TensorInfo } from '@tensorflow/tfjs-core';
import { BatchNormTraining, type BatchNormTrainingAttrs } from '../../ops/BatchNormTraining.js';
import { imageLayouts } from '../batchNorm.js';
import { canCodeNorm } from '../normalization/canCodeNorm.js';
import { CodedNorm } from '../normalization/codedNorm.js';
import type { OneDnnBackend } from '../backend.js';
import { ARG } from '../ffi/enums.js';
import { nativeKernel } from '../kernel.js';

interface Inputs {
  x: TensorInfo;
  scale: TensorInfo;
  offset: TensorInfo;
}

/** x [..., C] → [y in x's layout and type, mean [C], biased variance [C], both f32]; with an activation by machine code alone. */
export const batchNormTraining = nativeKernel<Inputs, BatchNormTrainingAttrs>(
  BatchNormTraining,
  ({ x, scale, offset }, { epsilon, activation }, backend) => {
    if (canCodeNorm(backend.native, x.shape))
      return coded(backend, { x, scale, offset }, { epsilon, activation });
    const { nhwc, nchw, channels } = imageLayouts(backend, x);
    const primitive = backend.primitive(
      `batchNorm|${epsilon}|${nchw.id}`,
      [ARG.src, ARG.scale, ARG.shift, ARG.dst, ARG.mean, ARG.variance],
      () => ({ kind: 'batchNorm', src: nchw, dst: nchw, epsilon, isTraining: true }),
    );
    const perChannel = backend.descriptors.dense([channels], 'f32');
    const y = backend.output(x.shape, 'float32', nhwc);
    const mean = backend.output([channels], 'float32', perChannel);
    const variance = backend.output([channels], 'float32', perChannel);
    backend.execute(primitive, [
      backend.input(x, nhwc),
      backend.input(scale, perChannel),
      backend.input(offset, perChannel),
      y.pointer,
      mean.pointer,
      variance.pointer,
    ]);
    return [y.info, mean.info, variance.info];
  },
);

function coded(
  backend: OneDnnBackend,
  { x, scale, offset }: Inputs,
  { epsilon, activation }: BatchNormTrainingAttrs,
): TensorInfo[] {
  const norm = new CodedNorm(backend, x, activation, epsilon);
  const { mean, variance } = norm.moments();
  const y = norm.normalised({
    ...{ mean, variance },
    ...{ scale: backend.values(scale) as Float32Array, offset: backend.values(offset) as Float32Array },
  });
  return [y, ...[mean, variance].map((values) => backend.fromHost(values, scale.shape, 'float32'))];
}
