import { setTimeout } from 'node:timers/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageSet } from '../dataset/imageSet.js';
import { OwnedError, Owner, TakenError } from '../runs/owner.js';
import { runFolder } from '../runs/runFolder.js';
import type { TrainOptions } from '../training/train.js';
import { UsageError } from '../util/errors.js';
import { predictOnce } from './predictOnce.js';
import {
  type EnsemblePlan,
  type MemberReporter,
  type TrainedMember,
  checkEnsemble,
  memberPlans,
} from './trainEnsemble.js';
import { trainOnce } from './trainOnce.js';

/** How often is looked whether whoever is at it has ended; a random part is added, so that many do not look at once. */
const LOOK_MS = 1000;

/**
 * Brings one member of an ensemble to its end beside other processes, here or on other machines, that train the others, or this very one:
 * while somebody is at it, this one waits, and takes over when they are gone.
 * @param index from 0
 * @throws UsageError when there is no such member
 */
export async function trainMember(
  plan: EnsemblePlan,
  index: number,
  test: ImageSet,
  options: TrainOptions & { members: MemberReporter },
): Promise<TrainedMember> {
  checkEnsemble(plan);
  const member = memberPlans(plan).at(index);
  if (member === undefined || index < 0) {
    throw new UsageError(
      `--member-index: expected 0 to ${plan.members - 1}, one of ${plan.members} members, got ${index}.`,
    );
  }
  options.members.member(member, plan.members);
  const { runName, config, predictionName, tta } = member;
  const folder = runFolder(join(config.modelsDir, runName));
  const training = { ...options, skipViews: true };
  const { record, isNew } = await inTurn(options, async () => {
    try {
      return await trainOnce(runName, config, training);
    } catch (error) {
      // Another has begun it between the look and the claim.
      if (error instanceof TakenError && existsSync(folder.record)) throw new OwnedError(error.message);
      throw error;
    }
  });
  if (!isNew) options.members.kept(`${folder.path} is trained already`);
  const order = { run: folder, folder: plan.predictionsDir, name: predictionName, tta, config };
  const prediction = await inTurn(options, async () => {
    const owner = Owner.acquire(folder.path);
    try {
      return await predictOnce(order, test, options.members, options.signal);
    } finally {
      owner.release();
    }
  });
  return { record, ...prediction };
}

/** Does what one process may do at a time, as soon as no other is at it. */
async function inTurn<T>(
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
    await setTimeout(LOOK_MS * (1 + Math.random()), undefined, signal && { signal }).catch(() =>
      signal?.throwIfAborted(),
    );
  }
}
