import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolveTrainConfig } from '../config/resolveTrainConfig.js';
import type { TrainConfig } from '../config/trainOptions.js';
import type { ImageSet } from '../dataset/imageSet.js';
import { UsageError } from '../util/errors.js';
import type { TrainOptions } from './train.js';
import { type TrainedOnce, trainOnce } from './trainOnce.js';
import { type PredictionRecord, savePredictions, testTimeAugment } from './tta.js';

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
    config: resolveTrainConfig(plan.base, {
      augment: plan.augments[Math.floor((index * plan.augments.length) / plan.members)],
      seed: plan.base.seed + index,
    }),
  }));
}

export interface MemberReporter {
  member(plan: MemberPlan, members: number): void;
  kept(what: string): void;
  pass(passes: number, of: number, accuracy: number): void;
  predicted(path: string, record: PredictionRecord): void;
}

/** Trains and predicts every member that has not been done before; returns the paths of the prediction arrays. */
export async function trainEnsemble(
  plan: EnsemblePlan,
  test: ImageSet,
  options: TrainOptions & { members: MemberReporter },
): Promise<string[]> {
  const paths: string[] = [];
  for (const member of memberPlans(plan)) {
    options.members.member(member, plan.members);
    const trained = await trainOnce(member.runName, member.config, options);
    if (!trained.isNew) options.members.kept(`${trained.folder.path} is trained already`);
    paths.push(await predictOnce(plan, member, trained, test, options));
  }
  return paths;
}

async function predictOnce(
  plan: EnsemblePlan,
  member: MemberPlan,
  trained: TrainedOnce,
  test: ImageSet,
  options: TrainOptions & { members: MemberReporter },
): Promise<string> {
  const wanted = {
    run: member.runName,
    weights: 'last' as const,
    images: test.count,
    seed: member.config.seed,
    passes: plan.passes,
    augment: plan.ttaAugment,
  };
  const base = join(plan.predictionsDir, member.predictionName);
  const earlier = readPredictionRecord(base);
  if (earlier !== undefined && earlier.run !== member.runName) {
    throw new UsageError(
      `${base}.npy holds the predictions of run ${earlier.run}: give another --predictions-dir, or remove it.`,
    );
  }
  const isSame =
    earlier !== undefined &&
    Object.entries(wanted).every(([key, value]) => earlier[key as keyof typeof wanted] === value);
  if (!trained.isNew && isSame) {
    options.members.kept(`${base}.npy is there already`);
    return `${base}.npy`;
  }
  const result = await testTimeAugment(trained.folder.last, test, {
    passes: plan.passes,
    augment: plan.ttaAugment,
    batchSize: member.config.batchSize,
    seed: member.config.seed,
    workers: member.config.workers,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    onPass: (passes, accuracy) => options.members.pass(passes, plan.passes, accuracy),
  });
  const { plainAccuracy, accuracy, accuracyByPasses } = result;
  const record = { ...wanted, plainAccuracy, accuracy, accuracyByPasses };
  const path = savePredictions(plan.predictionsDir, member.predictionName, result.probabilities, record);
  options.members.predicted(path, record);
  return path;
}

/** The record beside `<base>.npy`, when both are there. */
function readPredictionRecord(base: string): PredictionRecord | undefined {
  if (!existsSync(`${base}.npy`) || !existsSync(`${base}.json`)) return undefined;
  return JSON.parse(readFileSync(`${base}.json`, 'utf8')) as PredictionRecord;
}
