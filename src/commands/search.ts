import { join } from 'node:path';
import { Command } from 'commander';
import type { OptionSpec } from '../config/optionSpec.js';
import { DATA_OPTIONS, TRAIN_OPTIONS, type TrainConfig } from '../config/trainOptions.js';
import type { TrialResult } from '../experiments/search/halving.js';
import type { Search } from '../experiments/search/searchFile.js';
import { percent } from '../util/percent.js';
import { interruptible } from './interrupt.js';
import { memberReporter } from './memberProgress.js';
import { addOptions, optionValues, withExamples } from './options.js';
import { formatTable, print, printJson, printProgress } from './output.js';
import { TrainProgress } from './trainProgress.js';

interface SearchOptions {
  /** Of the winner's figure. */
  limitTest: number;
  modelsDir: string;
  dataDir: string;
}

const OPTIONS: Record<keyof SearchOptions, OptionSpec> = {
  limitTest: DATA_OPTIONS.limitTest,
  modelsDir: TRAIN_OPTIONS.modelsDir,
  dataDir: TRAIN_OPTIONS.dataDir,
};

/** The first of the seeds that the winner is trained again under: none of the search's. */
const FIRST_FRESH_SEED = 1001;

export function searchCommand(): Command {
  const command = new Command('search')
    .description(
      'search options of training, as a file says, by successive halving: all configurations train a little, the best go on. They are judged on held-out images; ' +
        'the winner is trained again under fresh seeds, and only what comes of that is its figure',
    )
    .argument('<file>', 'what is searched (YAML or JSON), such as examples/search.yaml')
    .option('--json', 'print the result as JSON');
  addOptions(command, OPTIONS);
  withExamples(
    command,
    ['cifar search examples/search.yaml', 'learning rate and weight decay of a small network'],
    ['cifar search examples/search.yaml', 'again after an interruption: goes on where it stopped'],
  );
  return command.action((file: string, flags: Partial<SearchOptions> & { json?: true }) =>
    interruptible(async (signal) => {
      const { readSearch } = await import('../experiments/search/searchFile.js');
      const { trialsOf } = await import('../experiments/search/trials.js');
      const { beginSearch, finishSearch } = await import('../experiments/search/searchRecord.js');
      const { halving, trialConfig } = await import('../experiments/search/halving.js');
      const { DATASET } = await import('./data.js');
      const options = optionValues<SearchOptions>(OPTIONS, flags);
      const search = readSearch(file);
      const trials = trialsOf(search);
      // Combinations that training refuses are refused before the first is trained.
      for (const trial of trials) trialConfig(search, trial, options);
      beginSearch(options.modelsDir, search);
      const write = flags.json === true ? printProgress : print;
      const reporter = new TrainProgress(write);
      const results = await halving(search, {
        ...{ ...options, dataset: DATASET, reporter, signal },
        search: {
          rung: (epochs, count, rung, rungs) =>
            write(`\n── Rung ${rung + 1} of ${rungs}: ${count} configurations to ${epochs} epochs`),
          trial: ({ run, values }, place, of) =>
            write(`\n${place + 1} of ${of}: ${run} (${wordsOf(values)})`),
        },
      });
      const [best] = results;
      const winner = {
        ...trialConfig(search, best, options),
        ...{ validationSplit: 0, limitTest: options.limitTest },
      };
      const paths = finishSearch(options.modelsDir, search, results, winner);
      const picture = await draw(options.modelsDir, search, results);
      const figure = search.finalSeeds === 0 ? undefined : await finalFigure(search, winner, write, signal);
      if (flags.json === true) {
        printJson({ name: search.name, ...paths, picture, results, final: figure?.result ?? null });
        return;
      }
      print();
      for (const line of tableOf(results)) print(line);
      print();
      print(
        `Best on held-out images: ${best.run} (${wordsOf(best.values)}); of many the best looks better than it is.`,
      );
      if (figure !== undefined) print(figure.text);
      print(`Its configuration: cifar train --config ${paths.config}`);
      printProgress(`Figures ${paths.record}, picture ${picture}`);
    }),
  );
}

const wordsOf = (values: TrialResult['values']): string =>
  Object.entries(values)
    .map(([key, value]) => `${key} ${String(value)}`)
    .join(', ');

function tableOf(results: readonly TrialResult[]): string[] {
  const keys = Object.keys(results[0].values) as (keyof TrialResult['values'])[];
  const rows = results.map(({ run, epochs, accuracy, values }) => [
    run,
    String(epochs),
    accuracy === null ? 'diverged' : percent(accuracy),
    ...keys.map((key) => String(values[key])),
  ]);
  return formatTable(['run', 'epochs', 'held-out accuracy', ...keys], rows);
}

async function draw(modelsDir: string, { name }: Search, results: readonly TrialResult[]): Promise<string> {
  const { searchChart } = await import('../plots/searchChart.js');
  const { savePicture } = await import('../plots/savePicture.js');
  const points = results.flatMap(({ accuracy, ...rest }) =>
    accuracy === null ? [] : [{ ...rest, accuracy }],
  );
  return savePicture(join(modelsDir, `${name}-search`), await searchChart(name, points)).png;
}

/** The winner on all training images under seeds that nothing was chosen by, on the test set. */
async function finalFigure(
  { name, finalSeeds }: Search,
  winner: TrainConfig,
  write: (line: string) => void,
  signal: AbortSignal,
): Promise<{ text: string; result: object }> {
  const { DATASET, testSet } = await import('./data.js');
  const { trainEnsemble } = await import('../ensembles/trainEnsemble.js');
  const { benchmarkResult } = await import('../experiments/benchmark.js');
  write(`\n── The winner again, under ${finalSeeds} fresh seeds, on all training images`);
  const base = { ...winner, seed: FIRST_FRESH_SEED };
  const plan = {
    ...{ name: `${name}-final`, base, members: finalSeeds, isNamedBySeed: true, augments: [base.augment] },
    tta: { preset: base.tta, share: 1 },
    predictionsDir: join(base.modelsDir, `${name}-final-predictions`),
  };
  const test = testSet(base);
  const options = {
    dataset: DATASET,
    reporter: new TrainProgress(write),
    members: memberReporter(write),
    signal,
  };
  const result = benchmarkResult(await trainEnsemble(plan, test, options), test);
  const { mean, deviation } = result.ttaAccuracy;
  const spread = deviation === null ? '' : ` ± ${(100 * deviation).toFixed(2)}`;
  const seeds = finalSeeds === 1 ? 'one fresh seed' : `${finalSeeds} fresh seeds`;
  return { text: `Under ${seeds}, on the test images: ${percent(mean)}${spread}`, result };
}
