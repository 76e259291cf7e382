import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { OptionSpec } from '../config/optionSpec.js';
import { DATA_OPTIONS } from '../config/trainOptions.js';
import type { MeanKind } from '../pipeline/ensemble.js';
import { UsageError } from '../util/errors.js';
import { ensembleTrainCommand } from './ensembleTrain.js';
import { addOptions, optionValues, withExamples } from './options.js';
import { TTA_OPTIONS } from './ttaOptions.js';

interface EnsembleOptions {
  weights: readonly number[];
  limitTest: number;
  dataDir: string;
  predictionsDir: string;
}

const OPTIONS: Record<keyof EnsembleOptions, OptionSpec> = {
  weights: {
    type: 'numbers',
    min: 0,
    default: [],
    placeholder: 'list',
    description: 'weight of each member, in their order; default: equal',
  },
  predictionsDir: TTA_OPTIONS.predictionsDir,
  ...DATA_OPTIONS,
};

export function ensembleCommand(): Command {
  const command = new Command('ensemble')
    .description('average saved predictions: accuracy of each member, their mean, and of the ensemble')
    .argument('[files...]', 'prediction arrays (.npy, 10000×10); default: pred_<i>.npy in --predictions-dir')
    .addOption(
      new Option('--mean <kind>', 'how probabilities are averaged')
        .choices(['arithmetic', 'geometric'])
        .default('arithmetic'),
    )
    .option('-o, --out <file>', 'where the averaged array goes; default: ensemble.npy in --predictions-dir')
    .option('--json', 'print the result as JSON');
  addOptions(command, OPTIONS);
  withExamples(
    command,
    ['cifar ensemble', 'average predictions/pred_0.npy, pred_1.npy, …'],
    [
      'cifar ensemble a.npy b.npy --weights 2,1 --mean geometric',
      'any two arrays, also ones that NumPy wrote',
    ],
    ['cifar ensemble train', "train and predict the article's ten members, then average"],
  );
  command.addCommand(ensembleTrainCommand());
  return command.action(
    async (
      files: string[],
      flags: Partial<EnsembleOptions> & { mean: MeanKind; out?: string; json?: true },
    ) => {
      const { testSet } = await import('./testSet.js');
      const { averagePredictions, reportEnsemble } = await import('./ensembleReport.js');
      const options = optionValues<EnsembleOptions>(OPTIONS, flags);
      const paths = files.length > 0 ? files : memberFiles(options.predictionsDir);
      const result = averagePredictions(paths, testSet(options), flags.mean, options.weights);
      await reportEnsemble(
        result,
        flags.out ?? join(options.predictionsDir, 'ensemble.npy'),
        flags.json === true,
      );
    },
  );
}

/** The `pred_<i>.npy` of a folder, by number. */
function memberFiles(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^pred_\d+\.npy$/.test(name)) : [];
  if (names.length === 0) {
    throw new UsageError(
      `No pred_<i>.npy in ${folder}/: name the arrays to average, or make them with cifar tta <run> --out pred_0.`,
    );
  }
  return names.sort((a, b) => parseInt(a.slice(5)) - parseInt(b.slice(5))).map((name) => join(folder, name));
}
