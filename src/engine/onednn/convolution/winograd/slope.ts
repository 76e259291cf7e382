import type { PostOp } from '../../ffi/abi.js';

/** What an activation multiplies values below 0 by, 0 to 1; null of one that does something else. */
export function slopeOf(postOps: readonly PostOp[]): number | null {
  if (postOps.length === 0) return 1;
  const [only] = postOps;
  const isRelu = postOps.length === 1 && only.kind === 'eltwise' && only.function === 'relu';
  if (!isRelu) return null;
  const { alpha = 0 } = only;
  return alpha >= 0 && alpha <= 1 ? alpha : null;
}
