import type { TensorInfo } from '@tensorflow/tfjs-core';
import { BatchNormTraining, type BatchNormTrainingAttrs } from '../../ops/BatchNormTraining.js';
import { imageLayouts } from '../batchNorm.js';
import { ARG } from '../ffi/enums.js';
import { nativeKernel } from '../kernel.js';

interface Inputs {
  x: TensorInfo;
  scale: TensorInfo;
  offset: TensorInfo;
}

/** x [..., C] → [y in x's layout and type, mean [C], biased variance [C], both f32]. */
export const batchNormTraining = nativeKernel<Inputs, BatchNormTrainingAttrs>(
  BatchNormTraining,
  ({ x, scale, offset }, { epsilon }, backend) => {
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
