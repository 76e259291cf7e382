import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { SeededDropout, type SeededDropoutAttrs } from '../../ops/SeededDropout.js';
import { applyMask, maskDesc } from '../dropout/maskLayout.js';
import { drawMask } from '../dropout/dropoutMask.js';
import { nativeKernel } from '../kernel.js';

/**
 * x → [x·mask/(1 − rate), mask]. The mask is a pure function of rate, seed, counter, x's shape and the layout x is in,
 * which in a network follows from the shapes alone.
 */
export const seededDropout = nativeKernel<{ x: TensorInfo }, SeededDropoutAttrs>(
  SeededDropout,
  ({ x }, { rate, seed, counter }, backend) => {
    const mask = backend.output(x.shape, 'bool', maskDesc(backend, x));
    drawMask(backend, mask.pointer, util.sizeFromShape(x.shape), rate, seed, counter);
    return [applyMask(backend, x, mask.info, rate), mask.info];
  },
);
