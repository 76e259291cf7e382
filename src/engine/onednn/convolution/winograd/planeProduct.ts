import type { Operation } from '../../ffi/abi.js';
import type { Descriptors } from '../../ffi/descriptors.js';
import { POINTWISE } from '../geometry.js';

export interface Channels {
  readonly inputs: number;
  readonly outputs: number;
}

/** A plane's product of matrices, channels to channels, as a convolution by a filter of 1×1; or that one's gradient by the filter. */
export function planeProduct(
  descriptors: Descriptors,
  kind: 'convolution' | 'convolutionBackwardWeights',
  { inputs, outputs }: Channels,
  tiles: number,
): Operation {
  return {
    kind,
    descs: {
      src: descriptors.blocked([1, inputs, tiles, 1], 'f32'),
      weights: descriptors.any([outputs, inputs, 1, 1], 'f32'),
      bias: null,
      dst: descriptors.blocked([1, outputs, tiles, 1], 'f32'),
    },
    window: POINTWISE,
    isTraining: true,
  };
}
