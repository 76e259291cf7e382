import { backend } from '@tensorflow/tfjs-core';

/** Most bytes that the backend which runs now takes in one tensor; Infinity where it sets no limit of its own. */
export function mostTensorBytes(): number {
  const { mostTensorBytes: most } = backend() as unknown as { mostTensorBytes?: number };
  return most ?? Infinity;
}
