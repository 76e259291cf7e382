import type { TrainConfig } from '../config/trainOptions.js';
import { loadAugment } from '../dataset/augment/index.js';
import { UsageError } from '../util/errors.js';
import { ensureFolder } from '../util/files.js';
import type { PredictionReporter } from './predictOnce.js';
import {
  type WantedMethod,
  type WantedPasses,
  earlierPrediction,
  ttaMethod,
} from '../evaluation/predictionFile.js';
import type { RunRecord } from '../runs/runRecord.js';
import { checkHardShare } from '../training/hardShare.js';
import type { FixedViews } from '../evaluation/testTimeAugment.js';

/** What is trained and predicted for an ensemble. */
export interface EnsemblePlan {
  name: string;
  /**
   * What runs are named by, and their predictions: the index, `<name>-<i>` and `pred_<i>`; the seed, which is the base's + i, `<name>-s<seed>` and
   * `pred_<seed>`; or their recipe and the seed, as `cifar train` does, `<recipe>-s<seed>`.
   */
  namedBy: 'index' | 'seed' | 'recipe';
  members: number;
  /** What members differ in besides the seed, each for an equal block of them: with two, the first half and the second. */
  kinds: readonly Partial<TrainConfig>[];
  base: TrainConfig;
  /** How each member's answers are averaged; passes take the member's own seed. */
  tta: FixedViews | Omit<WantedPasses, 'seed'>;
  predictionsDir: string;
}

export interface MemberPlan {
  index: number;
  runName: string;
  predictionName: string;
  tta: WantedMethod;
  config: TrainConfig;
}

/** A member that has been trained and predicted. */
export interface TrainedMember {
  record: RunRecord;
  /** Of the array of its averaged predictions. */
  path: string;
  /** Of one pass over the plain images, and of the average, 0 to 1. */
  plainAccuracy: number;
  accuracy: number;
}

export function memberPlans(plan: EnsemblePlan): MemberPlan[] {
  const { base, tta, kinds, name, namedBy } = plan;
  if (kinds.length > plan.members) {
    throw new UsageError(
      `--members: expected at least one of each kind that --augments or --recipe lists (${kinds.length}), got ${plan.members}.`,
    );
  }
  if (base.seed > Number.MAX_SAFE_INTEGER - (plan.members - 1)) {
    throw new UsageError(
      `--seed: ${plan.members} trainings take the seeds from it upwards, and ${base.seed} leaves too few: give a smaller one.`,
    );
  }
  return Array.from({ length: plan.members }, (_, index) => {
    const seed = base.seed + index;
    const config = { ...base, ...kinds[Math.floor((index * kinds.length) / plan.members)], seed };
    return {
      index,
      runName:
        namedBy === 'index' ? `${name}-${index}` : `${namedBy === 'recipe' ? config.recipe : name}-s${seed}`,
      predictionName: `pred_${namedBy === 'index' ? index : seed}`,
      tta: tta.preset === 'keras' ? { ...tta, seed } : tta,
      config,
    };
  });
}

/**
 * @param index from 0
 * @throws UsageError when there is no such member
 */
export function memberAt(plan: EnsemblePlan, index: number): MemberPlan {
  const member = memberPlans(plan).at(index);
  if (member === undefined || index < 0) {
    throw new UsageError(
      `--member-index: expected 0 to ${plan.members - 1}, one of ${plan.members} members, got ${index}.`,
    );
  }
  return member;
}

export interface MemberReporter extends PredictionReporter {
  member(plan: MemberPlan, members: number): void;
}

/**
 * Everything that can be refused before hours of training: augmentations, and the predictions that lie there already.
 * @throws UsageError, CifarError saying what is in the way
 */
export function checkEnsemble(plan: EnsemblePlan): void {
  for (const { config, predictionName, runName, tta } of memberPlans(plan)) {
    loadAugment(config.augment);
    checkHardShare(config);
    ttaMethod(tta);
    earlierPrediction(plan.predictionsDir, predictionName, runName);
  }
  ensureFolder(plan.predictionsDir);
}
