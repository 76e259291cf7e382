import { Command, InvalidArgumentError, Option } from 'commander';
import type { OptionSpec } from '../config/optionSpec.js';
import { DATA_OPTIONS } from '../config/options/shared.js';
import { TRAIN_OPTIONS, type TrainConfig } from '../config/trainOptions.js';
import type { BenchmarkResult } from '../experiments/benchmark.js';
import type { HalvingOptions, Place } from '../experiments/search/halving.js';
import type { Search } from '../experiments/search/searchFile.js';
import type { Trial } from '../experiments/search/trials.js';
import { UsageError } from '../util/errors.js';
import { interruptible } from './interrupt.js';
import { type MemberFlags, memberOptions } from './memberIndex.js';
import { memberReporter } from './memberProgress.js';
import { addOptions, optionValues, withExamples } from './options.js';
import { print, printJson, printProgress } from './output.js';
import { drawSearch, finalWords, searchTable, wordsOf } from './searchReport.js';
import { TrainProgress } from './trainProgress.js';

type SearchOptions = Pick<
  TrainConfig,
  'limitTest' | 'modelsDir' | 'dataDir' | 'backend' | 'precision' | 'threads'
>;

const OPTIONS: Record<keyof SearchOptions, OptionSpec> = {
  limitTest: DATA_OPTIONS.limitTest,
  modelsDir: TRAIN_OPTIONS.modelsDir,
  dataDir: TRAIN_OPTIONS.dataDir,
  backend: TRAIN_OPTIONS.backend,
  precision: TRAIN_OPTIONS.precision,
  threads: TRAIN_OPTIONS.threads,
};

/** What the winner is trained again as; its trainings stand where a rung's might. */
const FINAL = 'final';

export type SearchFlags = Partial<SearchOptions> &
  MemberFlags & { rung?: number | typeof FINAL; json?: true };

export function searchCommand(): Command {
  const command = new Command('search')
    .description(
      'search options of training, as a file says, by successive halving: all configurations train a little, the best go on. They are judged on held-out images; ' +
        'the winner is trained again under fresh seeds, and only what comes of that is its figure',
    )
    .argument('<file>', 'what is searched (YAML or JSON), such as examples/search.yaml')
    .option('--json', 'print the result as JSON')
    .addOption(
      new Option(
        '--rung <n>',
        `with --member-index: of this rung, from 1; ${FINAL}: of the winner’s trainings under fresh seeds`,
      ).argParser(rungOf),
    );
  for (const option of memberOptions('configuration of a rung')) command.addOption(option);
  addOptions(command, OPTIONS);
  withExamples(
    command,
    ['cifar search examples/search.yaml', 'learning rate and label smoothing of a small network'],
    ['cifar search examples/search.yaml', 'again after an interruption: goes on where it stopped'],
    ['cifar submit search examples/search.yaml --slurm', 'on a cluster, a task a configuration'],
  );
  return command.action((file: string, flags: SearchFlags) =>
    interruptible(async (signal) => {
      const { limitTest, place } = placeOf(flags);
      const search = await checkedSearch(file, place);
      const { beginSearch } = await import('../experiments/search/searchRecord.js');
      const { DATASET } = await import('./data.js');
      const { rung, memberIndex } = flags;
      if ((rung === undefined) !== (memberIndex === undefined)) {
        throw new UsageError('--rung and --member-index name one training together: give both, or neither.');
      }
      beginSearch(place.modelsDir, search);
      const write = flags.json === true ? printProgress : print;
      const options: HalvingOptions = {
        ...{ place, dataset: DATASET, reporter: new TrainProgress(write), signal },
        search: {
          rung: (epochs, count, n, rungs) =>
            write(
              `\n── Rung ${n + 1} of ${rungs}: ${count} configurations to ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`,
            ),
          trial: ({ run, values }, n, of) => write(`\n${n + 1} of ${of}: ${run} (${wordsOf(values)})`),
        },
      };
      if (rung !== undefined && memberIndex !== undefined) {
        await trainOne(search, rung, memberIndex, limitTest, options);
        return;
      }
      const best = flags.collect === true ? await leading(search, place) : await searched(search, options);
      await report(search, best, flags, limitTest, options);
    }),
  );
}

function rungOf(text: string): number | typeof FINAL {
  if (text === FINAL) return FINAL;
  if (!/^[1-9]\d*$/.test(text)) {
    throw new InvalidArgumentError(`expected a number from 1, or ${FINAL}, got "${text}".`);
  }
  return Number(text);
}

/** Where a search computes; what is not given is as its file says. */
export function placeOf(flags: Partial<SearchOptions>): { limitTest: number; place: Place } {
  const { limitTest, modelsDir, dataDir } = optionValues<SearchOptions>(OPTIONS, flags);
  const { backend, precision, threads } = flags;
  const computed = Object.entries({ backend, precision, threads }).filter(([, value]) => value !== undefined);
  return { limitTest, place: { modelsDir, dataDir, ...Object.fromEntries(computed) } };
}

/** @throws UsageError naming what is wrong in its file, combinations that training refuses, too */
export async function checkedSearch(file: string, place: Place): Promise<Search> {
  const { readSearch } = await import('../experiments/search/searchFile.js');
  const { trialsOf } = await import('../experiments/search/trials.js');
  const { trialConfig } = await import('../experiments/search/halving.js');
  const search = readSearch(file);
  for (const trial of trialsOf(search)) trialConfig(search, trial, place);
  return search;
}

async function searched(search: Search, options: HalvingOptions): Promise<Trial> {
  const { halving } = await import('../experiments/search/halving.js');
  return halving(search, options);
}

async function leading(search: Search, { modelsDir }: Place): Promise<Trial> {
  const { bestSoFar } = await import('../experiments/search/rungs.js');
  return bestSoFar(search, modelsDir);
}

/** One configuration of a rung, or the winner under one fresh seed. */
async function trainOne(
  search: Search,
  rung: number | typeof FINAL,
  index: number,
  limitTest: number,
  options: HalvingOptions,
): Promise<void> {
  const { trainInRung, winner } = await import('../experiments/search/halving.js');
  if (rung !== FINAL) {
    if (rung > search.rungs.length) {
      throw new UsageError(`--rung: expected 1 to ${search.rungs.length}, or ${FINAL}, got ${rung}.`);
    }
    await trainInRung(search, rung - 1, index, options);
    return;
  }
  const { finalPlan, winnerConfig } = await import('../experiments/search/winner.js');
  const { trainMember } = await import('../ensembles/trainEnsemble.js');
  const { testSet } = await import('./data.js');
  const config = winnerConfig(search, await winner(search, options), options.place, limitTest);
  const members = memberReporter((line) => options.reporter.note(line));
  await trainMember(finalPlan(search, config), index, testSet(config), { ...options, members });
}

async function report(
  search: Search,
  best: Trial,
  { json, collect }: SearchFlags,
  limitTest: number,
  options: HalvingOptions,
): Promise<void> {
  const { finishSearch } = await import('../experiments/search/searchRecord.js');
  const { resultsOf } = await import('../experiments/search/rungs.js');
  const { winnerConfig } = await import('../experiments/search/winner.js');
  const { modelsDir } = options.place;
  const results = resultsOf(search, modelsDir);
  const config = winnerConfig(search, best, options.place, limitTest);
  const paths = finishSearch(modelsDir, search, results, config);
  const picture = await drawSearch(modelsDir, search, results);
  const final = await finalResult(search, config, collect === true, options);
  if (json === true) {
    printJson({ name: search.name, best: best.run, ...paths, picture, results, final: final ?? null });
    return;
  }
  print();
  for (const line of searchTable(results)) print(line);
  print();
  const missing = results.filter(({ status }) => status === 'missing').length;
  if (missing > 0) print(`Not trained: ${missing} of ${results.length} configurations.`);
  print(
    `Best on held-out images: ${best.run} (${wordsOf(best.values)}); of many the best looks better than it is.`,
  );
  if (final !== undefined) print(finalWords(final, search.finalSeeds));
  print(`Its configuration: cifar train --config ${paths.config}`);
  printProgress(`Figures ${paths.record}, picture ${picture}`);
}

/** The winner under seeds that nothing was chosen by, on the test set; undefined where none is asked for, or none is trained yet. */
async function finalResult(
  search: Search,
  config: TrainConfig,
  isCollected: boolean,
  options: HalvingOptions,
): Promise<BenchmarkResult | undefined> {
  if (search.finalSeeds === 0) return undefined;
  const { testSet } = await import('./data.js');
  const { finishedMembers, trainEnsemble } = await import('../ensembles/trainEnsemble.js');
  const { benchmarkResult } = await import('../experiments/benchmark.js');
  const { finalPlan } = await import('../experiments/search/winner.js');
  const plan = finalPlan(search, config);
  const test = testSet(config);
  const write = (line: string): void => options.reporter.note(line);
  if (!isCollected)
    write(`\n── The winner again, under ${search.finalSeeds} fresh seeds, on all training images`);
  const members = isCollected
    ? finishedMembers(plan)
    : await trainEnsemble(plan, test, { ...options, members: memberReporter(write) });
  return members.length === 0 ? undefined : benchmarkResult(members, test);
}
