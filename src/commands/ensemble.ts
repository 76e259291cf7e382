import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import type { OptionSpec } from '../config/optionSpec.js';
import { DATA_OPTIONS } from '../config/options/shared.js';
import type { MeanKind } from '../ensembles/averaging.js';
import { UsageError, codeOf, messageOf } from '../util/errors.js';
import { didYouMean } from '../util/suggest.js';
import { ensembleTrainCommand } from './ensembleTrain.js';
import { addOptions, optionValues, withExamples } from './options.js';
import { type OverwriteFlag, checkOverwriting, jsonOf, overwriteOption } from './overwrite.js';
import { TTA_OPTIONS } from './ttaOptions.js';

interface EnsembleOptions {
  mean: MeanKind;
  weights: readonly number[];
  limitTest: number;
  dataDir: string;
  predictionsDir: string;
}

const OPTIONS: Record<keyof EnsembleOptions, OptionSpec> = {
  mean: {
    type: 'choice',
    choices: ['arithmetic', 'geometric'],
    default: 'arithmetic',
    placeholder: 'kind',
    description: 'how probabilities are averaged',
  },
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
    .option('-o, --out <file>', 'where the averaged array goes; default: ensemble.npy in --predictions-dir')
    .option(
      '--compare',
      'tell two arrays apart, in place of averaging them: by McNemar’s test on the images that one alone answers rightly',
    )
    .option('--json', 'print the result as JSON')
    .addOption(overwriteOption());
  addOptions(command, OPTIONS);
  withExamples(
    command,
    ['cifar ensemble', 'average predictions/pred_0.npy, pred_1.npy, …'],
    [
      'cifar ensemble a.npy b.npy --weights 2,1 --mean geometric',
      'any two arrays, also ones that NumPy wrote',
    ],
    ['cifar ensemble a.npy b.npy --compare', 'is one better than the other?'],
    ['cifar ensemble train', "train and predict the article's ten members, then average"],
  );
  command.addCommand(ensembleTrainCommand());
  return command.action(
    async (
      files: string[],
      flags: Partial<EnsembleOptions> & OverwriteFlag & { out?: string; json?: true; compare?: true },
    ) => {
      checkFiles(
        files,
        command.commands.map((child) => child.name()),
      );
      const { testLabels } = await import('./data.js');
      const { averagePredictions } = await import('../ensembles/averaging.js');
      const { reportEnsemble } = await import('./ensembleReport.js');
      const options = optionValues<EnsembleOptions>(OPTIONS, flags);
      const paths = files.length > 0 ? files : memberFiles(options.predictionsDir);
      if (flags.compare === true) {
        checkCompared(paths, flags);
        const { comparePredictions } = await import('./comparePredictions.js');
        comparePredictions(paths, testLabels(options), flags.json === true);
        return;
      }
      const out = flags.out ?? join(options.predictionsDir, 'ensemble.npy');
      checkOutput(out, paths);
      checkOverwriting(`${baseOf(out)}.npy`, flags, () => isEnsemble(`${baseOf(out)}.json`));
      const test = testLabels(options);
      const result = averagePredictions(paths, test, options.mean, options.weights);
      await reportEnsemble(result, test, out, flags.json === true);
    },
  );
}

/** Refuses an argument that can only be a misspelt command. */
function checkFiles(files: readonly string[], commands: readonly string[]): void {
  for (const file of files) {
    if (/\.npy$/i.test(file) || (existsSync(file) && statSync(file).isFile())) continue;
    throw new UsageError(
      `${file} is neither a prediction array (a .npy file) nor a command of cifar ensemble.${didYouMean(file, commands)}`,
    );
  }
}

/** @throws UsageError when there are not two arrays, or something is asked for that averaging alone has */
function checkCompared(
  paths: readonly string[],
  { out, mean, weights }: Partial<EnsembleOptions> & { out?: string },
): void {
  if (paths.length !== 2) {
    throw new UsageError(`--compare: expected two arrays, got ${paths.length}: name both.`);
  }
  const other = Object.entries({ '--out': out, '--mean': mean, '--weights': weights });
  const [flag] = other.find(([, value]) => value !== undefined) ?? [];
  if (flag !== undefined) throw new UsageError(`${flag} has no effect with --compare: leave one out.`);
}

/** A path without the ending of arrays. */
const baseOf = (out: string): string => out.replace(/\.npy$/i, '');

/** Whether a file holds the figures of an ensemble, as they stand beside its array. */
function isEnsemble(path: string): boolean {
  const value = jsonOf(path);
  return typeof value === 'object' && value !== null && 'members' in value && 'meanAccuracy' in value;
}

/** Refuses an output whose files would take the place of what is averaged. */
function checkOutput(out: string, inputs: readonly string[]): void {
  const realPath = (path: string): string => (existsSync(path) ? realpathSync(path) : resolve(path));
  const written = realPath(`${baseOf(out)}.npy`);
  const input = inputs.find((path) => realPath(path) === written);
  if (input === undefined) return;
  throw new UsageError(`--out: ${out} is one of the arrays that are averaged (${input}): give another file.`);
}

/** The `pred_<i>.npy` of a folder, by number. */
function memberFiles(folder: string): string[] {
  const names = namesIn(folder).filter((name) => /^pred_\d+\.npy$/.test(name));
  if (names.length === 0) {
    throw new UsageError(
      `No pred_<i>.npy in ${folder}/: name the arrays to average, or make them with cifar tta <run> --out pred_0.`,
    );
  }
  return names.sort((a, b) => parseInt(a.slice(5)) - parseInt(b.slice(5))).map((name) => join(folder, name));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return [];
    const reason = code === 'ENOTDIR' ? 'it is not a folder' : messageOf(error);
    throw new UsageError(`--predictions-dir: cannot read ${folder}: ${reason}.`, { cause: error });
  }
}
