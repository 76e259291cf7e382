import { backend } from '@tensorflow/tfjs-core';

/** A backend that keeps the memory of tensors that are gone, for others of their sizes. */
export interface KeepingBackend {
  giveBackFree: () => void;
}

/** Gives the system what the current backend keeps so: for when tensors of other sizes are to come. */
export function giveBackFree(): void {
  const current = backend() as Partial<KeepingBackend>;
  current.giveBackFree?.();
}
