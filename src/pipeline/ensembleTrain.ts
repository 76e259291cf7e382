import type { TrainConfig } from '../config/trainOptions.js';
import { loadAugment } from '../dataset/augment/index.js';
import type { ImageSet } from '../dataset/imageSet.js';
import { UsageError } from '../util/errors.js';
import { ensureFolder } from '../util/files.js';
import { type PredictionPlan, type PredictionReporter, predictOnce } from './predictOnce.js';
import { earlierPrediction } from './predictions.js';
import type { TrainOptions } from './train.js';
import { trainOnce } from './trainOnce.js';

/** What is trained and predicted for an ensemble. */
export interface EnsemblePlan {
  /** Names of runs and seeds follow from it: `<name>-<i>`, base seed + i. */
  name: string;
  members: number;
  /** Augmentations, each for an equal block of the members: with two, the first half and the second. */
  augments: readonly string[];
  base: TrainConfig;
  passes: number;
  ttaAugment: string;
  predictionsDir: string;
}

export interface MemberPlan {
  index: number;
  runName: string;
  predictionName: string;
  config: TrainConfig;
}

export function memberPlans(plan: EnsemblePlan): MemberPlan[] {
  if (plan.augments.length > plan.members) {
    throw new UsageError(
      `--augments: expected at most one a member (${plan.members}), got ${plan.augments.length}.`,
    );
  }
  return Array.from({ length: plan.members }, (_, index) => ({
    index,
    runName: `${plan.name}-${index}`,
    predictionName: `pred_${index}`,
    config: {
      ...plan.base,
      augment: plan.augments[Math.floor((index * plan.augments.length) / plan.members)],
      seed: plan.base.seed + index,
    },
  }));
}

export interface MemberReporter extends PredictionReporter {
  member(plan: MemberPlan, members: number): void;
}

/**
 * Everything that can be refused before hours of training: augmentations, and the predictions that lie there already.
 * @throws UsageError, CifarError saying what is in the way
 */
export function checkEnsemble(plan: EnsemblePlan): void {
  loadAugment(plan.ttaAugment);
  for (const { config, predictionName, runName } of memberPlans(plan)) {
    loadAugment(config.augment);
    earlierPrediction(plan.predictionsDir, predictionName, runName);
  }
  ensureFolder(plan.predictionsDir);
}

/** Trains and predicts every member that has not been done before; returns the paths of the prediction arrays. */
export async function trainEnsemble(
  plan: EnsemblePlan,
  test: ImageSet,
  options: TrainOptions & { members: MemberReporter },
): Promise<string[]> {
  checkEnsemble(plan);
  const paths: string[] = [];
  for (const member of memberPlans(plan)) {
    options.members.member(member, plan.members);
    const { folder, isNew } = await trainOnce(member.runName, member.config, options);
    if (!isNew) options.members.kept(`${folder.path} is trained already`);
    const prediction: PredictionPlan = {
      run: folder,
      folder: plan.predictionsDir,
      name: member.predictionName,
      passes: plan.passes,
      augment: plan.ttaAugment,
      config: member.config,
    };
    paths.push((await predictOnce(prediction, test, options.members, options.signal)).path);
  }
  return paths;
}
