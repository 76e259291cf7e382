import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { TrainConfig } from '../config/trainOptions.js';
import { OwnedError, TakenError } from '../runs/owner.js';
import { runFolder } from '../runs/runFolder.js';
import type { TrainOptions } from '../training/train.js';
import { type TrainedOnce, trainOnce } from './trainOnce.js';

/** How often is looked whether whoever is at it has ended; a random part is added, so that many do not look at once. */
const LOOK_MS = 1000;

/** Does what one process may do at a time, as soon as no other is at it. */
export async function inTurn<T>(
  { signal, reporter }: Pick<TrainOptions, 'signal' | 'reporter'>,
  work: () => Promise<T>,
): Promise<T> {
  for (let waits = 0; ; waits++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof OwnedError)) throw error;
      if (waits === 0) reporter.note(`Waiting: ${error.message.split(':')[0]}.`);
    }
    await aWhile(signal);
  }
}

/** Waits until it is time to look again. */
async function aWhile(signal: AbortSignal | undefined): Promise<void> {
  await setTimeout(LOOK_MS * (1 + Math.random()), undefined, signal && { signal }).catch(() =>
    signal?.throwIfAborted(),
  );
}

/**
 * As {@link trainOnce}, for several processes that begin at once.
 * @throws OwnedError while another is at the run, one that has just begun it, too
 */
export async function trainUnlessOwned(
  name: string,
  config: TrainConfig,
  options: TrainOptions,
): Promise<TrainedOnce> {
  try {
    return await trainOnce(name, config, options);
  } catch (error) {
    // Another has begun it between the look and the claim.
    const isBegun = error instanceof TakenError && existsSync(runFolder(join(config.modelsDir, name)).record);
    throw isBegun ? new OwnedError(error.message) : error;
  }
}
