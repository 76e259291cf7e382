import type { Native } from '../ffi/primitive.js';
import { fitsCode } from '../machine/fitsCode.js';

/** Whether a tensor's batch normalisation is done by machine code. @param shape of x */
export function canCodeNorm({ canRunCode, descriptors }: Native, shape: readonly number[]): boolean {
  const isFilled = shape[shape.length - 1] % descriptors.channelBlock === 0;
  return canRunCode && shape.length === 4 && isFilled && fitsCode(shape) && !shape.includes(0);
}
