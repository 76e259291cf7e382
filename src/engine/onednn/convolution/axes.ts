import type { Descriptors } from '../ffi/descriptors.js';
import type { MemoryDesc } from '../ffi/memoryDesc.js';

// tfjs's tensors are NHWC and HWIO, oneDNN's descriptors list axes as NCHW and OIHW, whatever the memory layout.
// A permutation lists, for each axis, the one it becomes.
const NHWC_TO_NCHW = [0, 2, 3, 1];
const NCHW_TO_NHWC = [0, 3, 1, 2];
const OIHW_TO_HWIO = [3, 2, 0, 1];
const IOHW_TO_HWIO = [2, 3, 0, 1];

export const toNchw = (descriptors: Descriptors, desc: MemoryDesc): MemoryDesc =>
  descriptors.permute(desc, NHWC_TO_NCHW);
export const toNhwc = (descriptors: Descriptors, desc: MemoryDesc): MemoryDesc =>
  descriptors.permute(desc, NCHW_TO_NHWC);
export const toHwio = (descriptors: Descriptors, desc: MemoryDesc): MemoryDesc =>
  descriptors.permute(desc, OIHW_TO_HWIO);

/** For filters whose input channels come first, as those of a convolution with its roles turned do. */
export const iohwToHwio = (descriptors: Descriptors, desc: MemoryDesc): MemoryDesc =>
  descriptors.permute(desc, IOHW_TO_HWIO);

export const nchwShape = ([n, h, w, c]: readonly number[]): number[] => [n, c, h, w];
export const oihwShape = ([h, w, i, o]: readonly number[]): number[] => [o, i, h, w];

/** NCHW with the channels innermost in memory. */
export const channelsLast = (
  descriptors: Descriptors,
  dims: readonly number[],
  type: MemoryDesc['type'],
): MemoryDesc => descriptors.dense(dims, type, [0, 2, 3, 1]);

/** The usual layout of activations between primitives: channels in blocks where they fill them, else NHWC. */
export function activationDesc(
  descriptors: Descriptors,
  shapeNhwc: readonly number[],
  type: MemoryDesc['type'],
): MemoryDesc {
  const dims = nchwShape(shapeNhwc);
  const isFilled = dims[1] % descriptors.channelBlock === 0;
  return isFilled ? descriptors.blocked(dims, type) : channelsLast(descriptors, dims, type);
}
