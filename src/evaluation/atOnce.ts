import type { LayersModel } from '@tensorflow/tfjs-layers';
import { mostTensorBytes } from '../engine/limits.js';
import { largestTensorBytes } from '../nets/index.js';

/** Images computed at once in evaluation: more gain nothing. */
export const EVALUATION_BATCH = 500;

/** So many as are wanted, or fewer where a tensor of so many would be too large for the backend; at least one. */
export function imagesAtOnce(model: LayersModel, wanted = EVALUATION_BATCH): number {
  const most = mostTensorBytes();
  if (most === Infinity) return wanted;
  return Math.max(1, Math.min(wanted, Math.floor(most / largestTensorBytes(model))));
}
