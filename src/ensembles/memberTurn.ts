import { join } from 'node:path';
import type { ImageSet } from '../dataset/imageSet.js';
import { Owner } from '../runs/owner.js';
import { runFolder } from '../runs/runFolder.js';
import type { TrainOptions } from '../training/train.js';
import { predictOnce } from './predictOnce.js';
import {
  type EnsemblePlan,
  type MemberReporter,
  type TrainedMember,
  checkEnsemble,
  memberAt,
} from './trainEnsemble.js';
import { inTurn, trainUnlessOwned } from './inTurn.js';

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
  const member = memberAt(plan, index);
  options.members.member(member, plan.members);
  const { runName, config, predictionName, tta } = member;
  const folder = runFolder(join(config.modelsDir, runName));
  const training = { ...options, skipViews: true };
  const { record, isNew } = await inTurn(options, () => trainUnlessOwned(runName, config, training));
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
