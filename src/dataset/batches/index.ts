/** Batches prepared ahead of training by threads. */
export type { Batch } from './batchQueue.js';
export {
  batchCount,
  createBatchSource,
  sourceOf,
  type BatchSource,
  type BatchSourceOptions,
} from './batchSource.js';
