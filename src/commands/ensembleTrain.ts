import { join } from 'node:path';
import { Command } from 'commander';
import type { OptionSpec } from '../config/optionSpec.js';
import { resolveTrainConfig } from '../config/resolveTrainConfig.js';
import { TRAIN_OPTIONS, type TrainConfig } from '../config/trainOptions.js';
import { interruptible } from './interrupt.js';
import { addOptions, optionValues, withExamples } from './options.js';
import { print } from './output.js';
import { memberReporter } from './memberProgress.js';
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
const BASE_OPTIONS = Object.fromEntries(
  Object.entries(TRAIN_OPTIONS).filter(([key]) => key !== 'augment'),
) as Omit<typeof TRAIN_OPTIONS, 'augment'>;

/** The article's protocol, where it is not the default of `cifar train`. */
const ARTICLE: Partial<TrainConfig> = { model: 'deep', schedule: 'step' };

export function ensembleTrainCommand(): Command {
  const command = new Command('train')
    .description(
      "train and predict an ensemble's members, then average; without options the article's: 10 deep networks, " +
        'half of them under strong augmentation, step decay. Finished members are kept, an interrupted one goes on',
    )
    .option('-n, --name <name>', 'runs are named <name>-0, <name>-1, …', 'ensemble');
  addOptions(command, PLAN_OPTIONS);
  addOptions(command, {
    ...BASE_OPTIONS,
    model: { ...BASE_OPTIONS.model, default: 'deep' },
    schedule: { ...BASE_OPTIONS.schedule, default: 'step' },
  });
  withExamples(
    command,
    ['cifar ensemble train', 'the article: 10 × 150 epochs'],
    ['cifar ensemble train --members 4 --epochs 20 --passes 10 --name quick', 'a small one'],
    ['cifar ensemble train', 'again after an interruption: goes on where it stopped'],
  );
  return command.action((flags: Partial<PlanOptions & TrainConfig> & { name: string }) =>
    interruptible(async (signal) => {
      const { testSet } = await import('./testSet.js');
      const { trainEnsemble } = await import('../pipeline/ensembleTrain.js');
      const { averagePredictions, reportEnsemble } = await import('./ensembleReport.js');
      const { name, ...given } = flags;
      const plan = optionValues<PlanOptions>(PLAN_OPTIONS, given);
      const trainKeys = Object.entries(given).filter(([key]) => key in BASE_OPTIONS);
      const base = resolveTrainConfig(ARTICLE, Object.fromEntries(trainKeys));
      const test = testSet(base);
      const paths = await trainEnsemble({ ...plan, name, base, augments: plan.augments.split(',') }, test, {
        reporter: new TrainProgress(),
        members: memberReporter(),
        signal,
      });
      print();
      const result = averagePredictions(paths, test, 'arithmetic', []);
      await reportEnsemble(result, join(plan.predictionsDir, `${name}.npy`), false);
    }),
  );
}
