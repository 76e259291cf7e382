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
  /**
   * Names of runs follow from it: `<name>-<i>`, or `<name>-s<seed>`; member i has the base seed + i. Its predictions are
   * `pred_<i>`, or `pred_<seed>`.
   */
  name: string;
  isNamedBySeed: boolean;
  members: number;
  /** Augmentations, each for an equal block of the members: with two, the first half and the second. */
  augments: readonly string[];
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
  if (plan.augments.length > plan.members) {
    throw new UsageError(
      `--augments: expected at most one a member (${plan.members}), got ${plan.augments.length}.`,
    );
  }
  const { base, tta } = plan;
  if (base.seed > Number.MAX_SAFE_INTEGER - (plan.members - 1)) {
    throw new UsageError(
      `--seed: ${plan.members} trainings take the seeds from it upwards, and ${base.seed} leaves too few: give a smaller one.`,
    );
  }
  return Array.from({ length: plan.members }, (_, index) => {
    const seed = base.seed + index;
    return {
      index,
      runName: plan.isNamedBySeed ? `${plan.name}-s${seed}` : `${plan.name}-${index}`,
      predictionName: `pred_${plan.isNamedBySeed ? seed : index}`,
      tta: tta.preset === 'keras' ? { ...tta, seed } : tta,
      config: {
        ...base,
        augment: plan.augments[Math.floor((index * plan.augments.length) / plan.members)],
        seed,
      },
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
