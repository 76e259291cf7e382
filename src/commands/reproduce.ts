import { Command } from 'commander';
import { join } from 'node:path';
import { LESSON_ROWS, type LessonSize } from '../config/lesson.js';
import { type OptionSpec, flagOf, parseOption } from '../config/optionSpec.js';
import { TRAIN_OPTIONS, type TrainConfig } from '../config/trainOptions.js';
import { ROWS, type ReproducedRow, type RowId } from '../config/article.js';
import type { ReproducePlan } from '../experiments/reproducePlan.js';
import type { RowStatus } from '../experiments/reproduceStatus.js';
import { grouped } from '../util/grouped.js';
import { percent } from '../util/percent.js';
import { UsageError } from '../util/errors.js';
import { expectations, findingLines } from './findings.js';
import { type MemberFlags, memberOptions } from './memberIndex.js';
import { memberReporter } from './memberProgress.js';
import { printProgressTable, totalLeft } from './progressTable.js';
import { interruptible } from './interrupt.js';
import { addOptions, optionValues, withExamples } from './options.js';
import { formatTable, print, printJson, printProgress } from './output.js';
import { TrainProgress } from './trainProgress.js';
import { MEMBER_OPTIONS, type MemberOptions } from './ttaOptions.js';

/** Train options that apply to every row; the rows set the others. */
const SETTINGS = {
  epochs: TRAIN_OPTIONS.epochs,
  batchSize: TRAIN_OPTIONS.batchSize,
  microBatch: TRAIN_OPTIONS.microBatch,
  validateEvery: TRAIN_OPTIONS.validateEvery,
  seed: TRAIN_OPTIONS.seed,
  limitTrain: TRAIN_OPTIONS.limitTrain,
  limitTest: TRAIN_OPTIONS.limitTest,
  backend: TRAIN_OPTIONS.backend,
  precision: TRAIN_OPTIONS.precision,
  threads: TRAIN_OPTIONS.threads,
  workers: TRAIN_OPTIONS.workers,
  dataDir: TRAIN_OPTIONS.dataDir,
  modelsDir: TRAIN_OPTIONS.modelsDir,
} as const satisfies Partial<Record<keyof TrainConfig, OptionSpec>>;

type Settings = Pick<TrainConfig, keyof typeof SETTINGS>;

export type ReproduceFlags = Partial<Settings & MemberOptions> &
  MemberFlags & {
    name?: string;
    rows?: string;
    budget?: string;
    status?: true;
    json?: true;
  };

const ROW_IDS: readonly string[] = ROWS.map(({ id }) => id);
const ROW_SPEC: OptionSpec = { type: 'choice', choices: ROW_IDS, default: '', description: 'row' };

export function reproduceCommand(): Command {
  const command = new Command('reproduce')
    .description(
      "run the article's six experiments and print them beside the published figures; rows done before are kept and shown",
    )
    .option('-n, --name <name>', 'runs are named <name>-<row> (default: reproduce, or lesson)')
    .option('--rows <list>', `only these rows, in this order: ${ROW_IDS.join(',')}`)
    .option(
      '--budget <duration>',
      'a lesson: the five rows before the ensemble by a small network, on as many images as fit into the time',
    )
    .option(
      '--status',
      'train nothing: say which rows are done, how far the others are, and what time is left',
    )
    .option('--json', 'print the result as JSON');
  for (const option of memberOptions('member of the ensemble')) command.addOption(option);
  addOptions(command, SETTINGS);
  addOptions(command, MEMBER_OPTIONS);
  withExamples(
    command,
    ['cifar reproduce', 'everything at full length: 150 epochs, 10 members'],
    ['cifar reproduce --epochs 30 --name short', 'a fifth of the length; the step schedule shrinks with it'],
    ['cifar reproduce --rows bench-normal,bench-none', 'two rows only, in this order'],
    ['cifar reproduce --budget 40m', 'what augmentation, step decay and averaged views do, within a lesson'],
    ['cifar reproduce --status', 'how far it is'],
  );
  return command.action((flags: ReproduceFlags) =>
    interruptible(async (signal) => {
      const plan = await reproducePlan(flags, signal);
      const { settings, budget } = plan;
      const isLesson = budget !== undefined;
      const name = plan.name;
      if (flags.status === true) {
        const { reproduceStatus } = await import('../experiments/reproduceStatus.js');
        printStatus(reproduceStatus(plan), flags.json === true);
        return;
      }
      const { DATASET, testSet } = await import('./data.js');
      const { collectRows, reproduce, reproduceMember } = await import('../experiments/reproduce.js');
      const write = flags.json === true ? printProgress : print;
      const test = testSet(settings);
      const options = {
        ...{ dataset: DATASET, reporter: new TrainProgress(write), members: memberReporter(write), signal },
        rowStarted: ({ title }: { title: string }) => write(`\n── ${title}`),
        drawn: (path: string) => write(`Both rows beside each other: ${path}`),
      };
      if (flags.memberIndex !== undefined) {
        if (flags.rows !== 'ensemble') {
          throw new UsageError('--member-index is one of the ensemble: give --rows ensemble beside it.');
        }
        await reproduceMember(plan, flags.memberIndex, test, options);
        return;
      }
      const result = flags.collect === true ? collectRows(plan, test) : await reproduce(plan, test, options);
      if (flags.json === true) {
        printJson({
          name,
          settings,
          passes: plan.passes,
          members: plan.members,
          ...(isLesson && { budget }),
          rows: result,
        });
        return;
      }
      print();
      for (const line of lengthLines(plan, settings)) print(line);
      for (const line of reproducedTable(result)) print(line);
      if (isLesson) for (const line of findingLines(result, settings)) print(line);
    }),
  );
}

/** What is to be made, from the options; the size of a lesson is tried, where it has not begun. */
export async function reproducePlan(
  flags: ReproduceFlags,
  signal: AbortSignal = new AbortController().signal,
): Promise<ReproducePlan & { settings: Settings }> {
  const budget = budgetOf(flags);
  const isLesson = budget !== undefined;
  const rows = flags.rows?.split(',').map((id) => parseOption('rows', ROW_SPEC, id) as RowId);
  const name = flags.name ?? (isLesson ? 'lesson' : 'reproduce');
  const own = optionValues<Settings>(SETTINGS, flags);
  const members = optionValues<MemberOptions>(MEMBER_OPTIONS, flags);
  const settings = {
    ...own,
    ...(isLesson && (await sizeOf({ ...members, name, settings: own }, budget, flags, signal))),
  };
  return {
    ...{ ...members, name, settings },
    rows: rows ?? (isLesson ? LESSON_ROWS : ROWS.map(({ id }) => id)),
    ...(isLesson && { budget }),
  };
}

/** The time of a lesson, in seconds. */
function budgetOf({ budget, epochs, limitTrain, limitTest, rows }: ReproduceFlags): number | undefined {
  if (budget === undefined) return undefined;
  const seconds = parseOption('budget', TRAIN_OPTIONS.maxTime, budget) as number;
  const own = Object.entries({ epochs, limitTrain, limitTest }).find(([, value]) => value !== undefined);
  if (own !== undefined) {
    throw new UsageError(`--budget decides ${flagOf(own[0])}: leave one of them out.`);
  }
  if (rows?.split(',').includes('ensemble')) {
    throw new UsageError('--budget is for the rows before the ensemble: leave that out of --rows.');
  }
  return seconds;
}

/** The size of a lesson: as it began, or by a trial of the machine. */
async function sizeOf(
  {
    name,
    predictionsDir,
    settings,
    passes,
  }: Pick<ReproducePlan, 'name' | 'predictionsDir' | 'settings' | 'passes'>,
  budget: number,
  { status, json }: ReproduceFlags,
  signal: AbortSignal,
): Promise<LessonSize> {
  const { lessonBegun } = await import('../experiments/reproducedTable.js');
  const begun = lessonBegun(join(predictionsDir, `${name}.json`), budget);
  if (begun !== undefined) return begun;
  if (status === true)
    throw new UsageError(`No lesson of --budget ${budget} has begun under the name ${name}.`);
  const { DATASET } = await import('./data.js');
  const { lessonFor } = await import('../experiments/lesson.js');
  const size = await lessonFor(budget, settings, passes, { dataset: DATASET, signal });
  const line = `The lesson: ${grouped(size.limitTrain)} training images, ${size.epochs} epochs a row, ${grouped(size.limitTest)} test images.`;
  (json === true ? printProgress : print)(line);
  for (const finding of expectations(size)) (json === true ? printProgress : print)(finding);
  return size;
}

/** How the rows were made, and in what that is not the article's. */
function lengthLines({ passes, members }: ReproducePlan, settings: Settings): string[] {
  const { epochs, limitTrain, limitTest } = settings;
  const of = (count: number, one: string, article: number): string =>
    `${count} ${one}${count === 1 ? '' : 's'}${count === article ? '' : ` (the article: ${article})`}`;
  const slices = [
    ...(limitTrain > 0 ? [`trained on the first ${grouped(limitTrain)} images (the article: 50,000)`] : []),
    ...(limitTest > 0
      ? [`measured on the first ${grouped(limitTest)} test images (the article: 10,000)`]
      : []),
  ];
  const lengths = `${of(epochs, 'epoch', 150)}, test-time augmentation with ${passes === 1 ? '1 pass' : `${passes} passes`}${passes === 50 ? '' : ' (the article: 50)'}, an ensemble of ${of(members, 'member', 10)}`;
  return [lengths, ...(slices.length > 0 ? [`Figures of a slice: ${slices.join('; ')}`] : [])];
}

function printStatus(rows: readonly RowStatus[], asJson: boolean): void {
  if (asJson) printJson({ rows, secondsLeft: totalLeft(rows) });
  else printProgressTable('experiment', rows);
}

function reproducedTable(rows: readonly ReproducedRow[]): string[] {
  const loss = (value: number | undefined): string => value?.toFixed(4) ?? '–';
  return formatTable(
    ['experiment', 'published loss', 'accuracy', 'ours: loss', 'accuracy', ''],
    rows.map(({ title, published, measured }) => [
      title,
      loss(published.loss),
      percent(published.accuracy),
      loss(measured?.loss),
      measured === undefined ? 'not run' : percent(measured.accuracy),
      measured?.note ?? '',
    ]),
  );
}
