import {
  FusedBatchNorm,
  type FusedBatchNormAttrs,
  type FusedBatchNormInputs,
  util,
} from '@tensorflow/tfjs-core';
import { imageLayouts } from '../batchNorm.js';
import { ARG } from '../ffi/enums.js';
import { nativeKernel } from '../kernel.js';

/** Normalises x [..., C] by given statistics [C]; in x's layout and type. */
export const fusedBatchNorm = nativeKernel<FusedBatchNormInputs, FusedBatchNormAttrs, 'scale' | 'offset'>(
  FusedBatchNorm,
  ({ x, mean, variance, scale, offset }, { varianceEpsilon: epsilon }, backend) => {
    const { nhwc, nchw, channels } = imageLayouts(backend, x);
    const parameters = [scale ?? backend.constant(1, channels), offset ?? backend.constant(0, channels)];
    const vectors = [mean, variance, ...parameters];
    if (vectors.some(({ shape }) => util.sizeFromShape(shape) !== channels)) return null;
    const primitive = backend.primitive(
      `fusedBatchNorm|${epsilon}|${nchw.id}`,
      [ARG.src, ARG.mean, ARG.variance, ARG.scale, ARG.shift, ARG.dst],
      () => ({ kind: 'batchNorm', src: nchw, dst: nchw, epsilon, isTraining: false }),
    );
    const perChannel = backend.descriptors.dense([channels], 'f32');
    const y = backend.output(x.shape, 'float32', nhwc);
    const pointers = vectors.map((vector) => backend.input(vector, perChannel));
    backend.execute(primitive, [backend.input(x, nhwc), ...pointers, y.pointer]);
    return y.info;
  },
);
