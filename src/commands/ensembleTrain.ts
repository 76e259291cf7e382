import { join } from 'node:path';
import { Command } from 'commander';
import { type OptionSpec, flagOf } from '../config/optionSpec.js';
import { recipeList } from '../config/recipeList.js';
import { resolveTrainConfig } from '../config/resolveTrainConfig.js';
import { TRAIN_OPTIONS, type TrainConfig } from '../config/trainOptions.js';
import type { EnsemblePlan } from '../ensembles/ensemblePlan.js';
import { CifarError, UsageError } from '../util/errors.js';
import { interruptible } from './interrupt.js';
import { addOptions, optionValues, withExamples } from './options.js';
import { print } from './output.js';
import { type MemberFlags, memberOptions } from './memberIndex.js';
import { memberReporter } from './memberProgress.js';
import { type OverwriteFlag, overwriteOption } from './overwrite.js';
import { TrainProgress } from './trainProgress.js';
import { MEMBER_OPTIONS, type MemberOptions } from './ttaOptions.js';

interface PlanOptions extends MemberOptions {
  augments: string;
  ttaAugment: string;
}

const PLAN_OPTIONS: Record<keyof PlanOptions, OptionSpec> = {
  ...MEMBER_OPTIONS,
  augments: {
    type: 'string',
    default: 'normal,strong',
    placeholder: 'list',
    description:
      'augmentations, each for an equal block of the members: with two, the first half and the second',
  },
  ttaAugment: {
    ...TRAIN_OPTIONS.augment,
    default: 'normal',
    description: 'augmentation of the averaged passes',
  },
};

/** A member's augmentation comes from the plan. */
const OTHER_OPTIONS = Object.fromEntries(
  Object.entries(TRAIN_OPTIONS).filter(([key]) => key !== 'augment'),
) as Omit<typeof TRAIN_OPTIONS, 'augment'>;

const BASE_OPTIONS = {
  ...OTHER_OPTIONS,
  recipe: {
    ...TRAIN_OPTIONS.recipe,
    type: 'string',
    placeholder: 'names',
    description: 'named set of options, or several (a,b), each for an equal block of the members',
  },
} as const satisfies Record<keyof typeof OTHER_OPTIONS, OptionSpec>;

/** The article's protocol, where it is not the default of `cifar train`. */
const ARTICLE: Partial<TrainConfig> = { model: 'deep', schedule: 'step' };

export function ensembleTrainCommand(): Command {
  const command = new Command('train')
    .description(
      "train and predict an ensemble's members, then average; without options the article's: 10 deep networks, " +
        'half of them under strong augmentation, step decay. Finished members are kept, an interrupted one goes on',
    )
    .option(
      '-n, --name <name>',
      'runs are named <name>-0, <name>-1, … (default: ensemble); with --recipe by seed, as `cifar train` names them: <recipe>-s1, …',
    )
    .option(
      '--figures <file>',
      'keep what came of it as JSON: accuracies, times, arithmetic, with commit, machine and command',
    )
    .addOption(overwriteOption());
  for (const option of memberOptions('member')) command.addOption(option);
  addOptions(command, PLAN_OPTIONS);
  addOptions(command, {
    ...BASE_OPTIONS,
    model: { ...BASE_OPTIONS.model, default: 'deep' },
    schedule: { ...BASE_OPTIONS.schedule, default: 'step' },
  });
  withExamples(
    command,
    ['cifar ensemble train', 'the article: 10 × 150 epochs'],
    ['cifar ensemble train --recipe fast94 --members 5', 'five networks of a fast recipe, seeds 1 to 5'],
    [
      'cifar ensemble train --recipe fast96,fast --members 4',
      'two of each: they disagree more than seeds do',
    ],
    ['cifar ensemble train --members 4 --epochs 20 --passes 10 --name quick', 'a small one'],
    ['cifar ensemble train', 'again after an interruption: goes on where it stopped'],
  );
  return command.action((flags: EnsembleFlags) =>
    interruptible(async (signal) => {
      const { DATASET, testSet } = await import('./data.js');
      const { memberPlans } = await import('../ensembles/ensemblePlan.js');
      const { finishedMembers, trainEnsemble, trainMember } = await import('../ensembles/trainEnsemble.js');
      const { averagePredictions } = await import('../ensembles/averaging.js');
      const { reportEnsemble } = await import('./ensembleReport.js');
      const { ensembleFigures } = await import('../experiments/benchmark.js');
      const { checkFiguresPlace, keepFigures, measured } = await import('./figuresFile.js');
      const plan = planOf(flags);
      const { figures } = flags;
      if (figures !== undefined) checkFiguresPlace(figures, plan.name, flags, '--figures');
      const test = testSet(plan.base);
      const options = { dataset: DATASET, reporter: new TrainProgress(), members: memberReporter(), signal };
      if (flags.memberIndex !== undefined) {
        await trainMember(plan, flags.memberIndex, test, options);
        return;
      }
      const members =
        flags.collect === true ? finishedMembers(plan) : await trainEnsemble(plan, test, options);
      if (members.length === 0)
        throw new CifarError('None of the members has been trained and predicted yet.');
      if (members.length < plan.members)
        print(`${members.length} of ${plan.members} members have been trained`);
      print();
      const paths = members.map(({ path }) => path);
      const result = averagePredictions(paths, test);
      await reportEnsemble(result, test, join(plan.predictionsDir, `${plan.name}.npy`), false);
      if (figures !== undefined) keepFigures(figures, measured(ensembleFigures(plan.name, members, result)));
      const runs = memberPlans(plan).map(({ runName }) => join(plan.base.modelsDir, runName));
      print(`All members in one file: cifar report ${runs.join(' ')}`);
    }),
  );
}

type PlanFlags = Partial<PlanOptions & Omit<TrainConfig, 'recipe'>> & { recipe?: string; name?: string };

export type EnsembleFlags = PlanFlags & MemberFlags & OverwriteFlag & { figures?: string };

/** Options as they were given → the plan. Recipes bring their own augmentation and views, and their runs' names. */
export function planOf(flags: PlanFlags): EnsemblePlan {
  const { name: givenName, recipe = 'none', ...given } = flags;
  const recipes = recipeList(recipe);
  const options = optionValues<PlanOptions>(PLAN_OPTIONS, given);
  const trainKeys = Object.fromEntries(Object.entries(given).filter(([key]) => key in TRAIN_OPTIONS));
  const isRecipe = recipes.length > 0;
  const configs = isRecipe
    ? recipes.map((one) => resolveTrainConfig({ ...trainKeys, recipe: one }))
    : [resolveTrainConfig(ARTICLE, trainKeys)];
  const [base] = configs;
  const keras = { preset: 'keras', passes: options.passes, augment: options.ttaAugment } as const;
  const unused = (['passes', 'ttaAugment'] as const).find((key) => given[key] !== undefined);
  if (base.tta !== 'none' && unused !== undefined) {
    throw new UsageError(
      `${flagOf(unused)} has no effect with the ${base.tta} views of ${given.tta === undefined ? `--recipe ${recipe}` : '--tta'}: leave it out, or give --tta none.`,
    );
  }
  if (configs.length > 1 && given.augments !== undefined) {
    throw new UsageError(
      `--augments is for members that are trained alike otherwise, and --recipe ${recipe} has ${configs.length} kinds: leave one out.`,
    );
  }
  const name = givenName ?? (isRecipe ? recipe.replaceAll(',', '+') : 'ensemble');
  const byRecipe = isRecipe && given.augments === undefined;
  return {
    name,
    namedBy: !isRecipe ? 'index' : givenName === undefined ? 'recipe' : 'seed',
    members: options.members,
    kinds: byRecipe ? configs : options.augments.split(',').map((augment) => ({ augment })),
    base,
    tta: base.tta === 'none' ? keras : { preset: base.tta, share: 1 },
    // Each recipe's arrays have a folder of their own, so that several can lie side by side.
    predictionsDir:
      isRecipe && given.predictionsDir === undefined
        ? join(options.predictionsDir, name)
        : options.predictionsDir,
  };
}
