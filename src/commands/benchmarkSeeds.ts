import type { EnsemblePlan, MemberPlan, MemberReporter } from '../ensembles/ensemblePlan.js';
import type { BenchmarkResult, SeedOutcome } from '../experiments/benchmark.js';
import type { TrainOptions } from '../training/train.js';

/** How a benchmark's seeds are trained and judged. */
export interface Seeds {
  /** Trains one, from 0. */
  one(index: number, options: SeedsOptions): Promise<void>;
  all(options: SeedsOptions): Promise<BenchmarkResult>;
  /** Of those that have been trained; undefined where none has. */
  finished(): BenchmarkResult | undefined;
}

type SeedsOptions = TrainOptions & { members: MemberReporter };

/** Judged on the test set, by arrays of predictions that are kept. */
export async function testedSeeds(plan: EnsemblePlan): Promise<Seeds> {
  const { testSet } = await import('./data.js');
  const { benchmarkResult } = await import('../experiments/benchmark.js');
  const { finishedMembers, trainEnsemble, trainMember } = await import('../ensembles/trainEnsemble.js');
  const test = testSet(plan.base);
  return {
    one: async (index, options) => {
      await trainMember(plan, index, test, options);
    },
    all: async (options) => benchmarkResult(await trainEnsemble(plan, test, options), test),
    finished: () => {
      const members = finishedMembers(plan);
      return members.length === 0 ? undefined : benchmarkResult(members, test);
    },
  };
}

/** Judged on images held out of training: the test set is not looked at. */
export async function heldOutSeeds(plan: EnsemblePlan): Promise<Seeds> {
  const { heldOutResult } = await import('../experiments/benchmark.js');
  const { finishedHeldOut, trainHeldOut } = await import('../experiments/heldOutSeeds.js');
  const { memberAt, memberPlans } = await import('../ensembles/ensemblePlan.js');
  const train = (member: MemberPlan, options: SeedsOptions): Promise<SeedOutcome> => {
    options.members.member(member, plan.members);
    return trainHeldOut(member, options);
  };
  return {
    one: async (index, options) => {
      await train(memberAt(plan, index), options);
    },
    all: async (options) => {
      const outcomes: SeedOutcome[] = [];
      for (const member of memberPlans(plan)) outcomes.push(await train(member, options));
      return heldOutResult(outcomes);
    },
    finished: () => {
      const outcomes = finishedHeldOut(plan);
      return outcomes.length === 0 ? undefined : heldOutResult(outcomes);
    },
  };
}
