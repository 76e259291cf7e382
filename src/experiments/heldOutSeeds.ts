import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inTurn, trainUnlessOwned } from '../ensembles/inTurn.js';
import { type EnsemblePlan, type MemberPlan, memberPlans } from '../ensembles/ensemblePlan.js';
import { type RunRecord, hasEnded, readRunRecord } from '../runs/runRecord.js';
import { runFolder } from '../runs/runFolder.js';
import type { TrainOptions } from '../training/train.js';
import type { SeedOutcome } from './benchmark.js';

/**
 * Brings a seed of a benchmark to its end, beside other processes that train the others; it is judged on images held out of its training, by the
 * views of its --tta, and the test set is not looked at.
 */
export async function trainHeldOut(
  { runName, config }: MemberPlan,
  options: TrainOptions,
): Promise<SeedOutcome> {
  const { record } = await inTurn(options, () => trainUnlessOwned(runName, config, options));
  return outcomeOf(record);
}

/** The seeds that have been trained, whoever has done it; nothing is trained. */
export function finishedHeldOut(plan: EnsemblePlan): SeedOutcome[] {
  return memberPlans(plan).flatMap(({ runName, config }) => {
    const folder = runFolder(join(config.modelsDir, runName));
    if (!existsSync(folder.record)) return [];
    const record = readRunRecord(folder);
    return hasEnded(record) ? [outcomeOf(record)] : [];
  });
}

function outcomeOf(record: RunRecord): SeedOutcome {
  const plainAccuracy = record.last?.accuracy ?? 0;
  return { record, plainAccuracy, accuracy: record.tta?.accuracy ?? plainAccuracy };
}
