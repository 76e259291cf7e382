import type { ComputeType } from '../../backend.js';
import type { Operation } from '../../ffi/abi.js';
import type { Descriptors } from '../../ffi/descriptors.js';
import { POINTWISE } from '../geometry.js';

export interface Channels {
  readonly inputs: number;
  readonly outputs: number;
}

/** A plane's product of matrices, channels to channels, as a convolution by a filter of 1×1; or that one's gradient by the filter. @param types of its tensors */
export function planeProduct(
  descriptors: Descriptors,
  kind: 'convolution' | 'convolutionBackwardWeights',
  { inputs, outputs }: Channels,
  tiles: number,
  types: { readonly src: ComputeType; readonly weights: ComputeType; readonly dst: ComputeType },
): Operation {
  return {
    kind,
    descs: {
      src: descriptors.blocked([1, inputs, tiles, 1], types.src),
      weights: descriptors.any([outputs, inputs, 1, 1], types.weights),
      bias: null,
      dst: descriptors.blocked([1, outputs, tiles, 1], types.dst),
    },
    window: POINTWISE,
    isTraining: true,
  };
}
