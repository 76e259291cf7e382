import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageSet } from '../dataset/imageSet.js';
import { earlierPrediction } from '../evaluation/predictionFile.js';
import { Owner } from '../runs/owner.js';
import { runFolder } from '../runs/runFolder.js';
import { readRunRecord } from '../runs/runRecord.js';
import type { TrainOptions } from '../training/train.js';
import {
  type EnsemblePlan,
  type MemberPlan,
  type MemberReporter,
  type TrainedMember,
  checkEnsemble,
  memberAt,
  memberPlans,
} from './ensemblePlan.js';
import { inTurn, trainUnlessOwned } from './inTurn.js';
import { keptPrediction, predictOnce, sourceOf } from './predictOnce.js';

type MemberOptions = TrainOptions & { members: MemberReporter };

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
  options: MemberOptions,
): Promise<TrainedMember> {
  checkEnsemble(plan);
  return trainAndPredict(plan, memberAt(plan, index), test, options);
}

/** Trains and predicts every member that has not been done before; one that another process is at is waited for. */
export async function trainEnsemble(
  plan: EnsemblePlan,
  test: ImageSet,
  options: MemberOptions,
): Promise<TrainedMember[]> {
  checkEnsemble(plan);
  const members: TrainedMember[] = [];
  for (const member of memberPlans(plan)) members.push(await trainAndPredict(plan, member, test, options));
  return members;
}

async function trainAndPredict(
  plan: EnsemblePlan,
  member: MemberPlan,
  test: ImageSet,
  options: MemberOptions,
): Promise<TrainedMember> {
  options.members.member(member, plan.members);
  const { runName, config, predictionName, tta } = member;
  const folder = runFolder(join(config.modelsDir, runName));
  const training = { ...options, skipViews: true };
  const { record, isNew } = await inTurn(options, () => trainUnlessOwned(runName, config, training));
  if (!isNew) options.members.kept(`${folder.path} is trained already`);
  const order = { run: folder, folder: plan.predictionsDir, name: predictionName, tta, config };
  // A folder that nobody may write into is read all the same.
  const kept = keptPrediction(order, sourceOf(order, test), options.members);
  if (kept !== undefined) return { record, ...kept };
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

/**
 * The members that have been trained and predicted, whoever has done it; nothing is trained.
 * @throws CifarError when the record of one cannot be read
 */
export function finishedMembers(plan: EnsemblePlan): TrainedMember[] {
  return memberPlans(plan).flatMap(({ runName, config, predictionName }) => {
    const folder = runFolder(join(config.modelsDir, runName));
    if (!existsSync(folder.record)) return [];
    const prediction = earlierPrediction(plan.predictionsDir, predictionName, runName);
    if (prediction?.accuracy === undefined || prediction.plainAccuracy === undefined) return [];
    return [
      {
        record: readRunRecord(folder),
        path: join(plan.predictionsDir, `${predictionName}.npy`),
        ...{ plainAccuracy: prediction.plainAccuracy, accuracy: prediction.accuracy },
      },
    ];
  });
}
