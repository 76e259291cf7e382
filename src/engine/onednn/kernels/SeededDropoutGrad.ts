import type { TensorInfo } from '@tensorflow/tfjs-core';
import { SeededDropoutGrad, type SeededDropoutGradAttrs } from '../../ops/SeededDropoutGrad.js';
import { applyMask } from '../dropout/maskLayout.js';
import { nativeKernel } from '../kernel.js';

/** dy·mask/(1 − rate), in the mask's layout. */
export const seededDropoutGrad = nativeKernel<{ dy: TensorInfo; mask: TensorInfo }, SeededDropoutGradAttrs>(
  SeededDropoutGrad,
  ({ dy, mask }, { rate }, backend) => applyMask(backend, dy, mask, rate),
);
