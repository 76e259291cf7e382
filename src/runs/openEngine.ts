import { mostTensorBytes } from '../engine/limits.js';
import { selectBackend } from '../engine/select.js';
import type { TrainConfig } from '../config/trainOptions.js';
import { UsageError } from '../util/errors.js';

export type EngineConfig = Pick<TrainConfig, 'backend' | 'precision' | 'threads'>;

/** The backend in use and why it was taken. */
export interface Engine {
  name: string;
  why: string;
  /** Number format and threads that it computes with. */
  precision: string;
  threads: number | null;
  /** Most memory its tensors can take together, in bytes, when the backend itself sets a limit. */
  maxHeapBytes?: number;
}

/** Images that a training step computes at once where activations must fit a small heap: `deep` takes about 8 MiB an image. */
const SMALL_HEAP_MICRO_BATCH = 100;

/**
 * Activates the backend asked for.
 * @param mayTry whether `auto` may take seconds for a trial, which pay where much is computed
 * @throws EngineError when it is not usable here, with the reason and what to do
 */
export async function openEngine(
  { backend, precision, threads }: EngineConfig,
  { mayTry = false }: { mayTry?: boolean } = {},
): Promise<Engine> {
  if (threads > 0 && backend !== 'auto' && backend !== 'onednn') {
    throw new UsageError(`--threads applies to the onednn backend only, not to ${backend}: leave it out.`);
  }
  const selected = await selectBackend(backend, { precision, mayTry, ...(threads > 0 && { threads }) });
  const { name, why, maxHeapBytes } = selected;
  const computing = { precision: selected.precision, threads: selected.threads };
  const unheeded = threads > 0 && name !== 'onednn' ? '; --threads has no effect on it' : '';
  return {
    ...{ name, why: why + unheeded, ...computing },
    ...(maxHeapBytes !== undefined && { maxHeapBytes }),
  };
}

/**
 * How many images are computed at once: as asked, else what fits the backend.
 * @param imageBytes of an image's largest tensor in training
 */
export function microBatchFor(engine: Engine, asked: number, batchSize: number, imageBytes: number): number {
  if (asked > 0) return asked;
  const fitsHeap = engine.maxHeapBytes === undefined ? batchSize : SMALL_HEAP_MICRO_BATCH;
  const fitsTensor = Math.floor(mostTensorBytes() / imageBytes);
  return Math.max(1, Math.min(batchSize, fitsHeap, fitsTensor));
}
