import { Command } from 'commander';
import { type OptionSpec, parseOption } from '../config/optionSpec.js';
import { TRAIN_OPTIONS, type TrainConfig } from '../config/trainOptions.js';
import { ROWS, type ReproducedRow, type RowId } from '../config/article.js';
import { percent } from '../util/percent.js';
import { memberReporter } from './memberProgress.js';
import { interruptible } from './interrupt.js';
import { addOptions, optionValues, withExamples } from './options.js';
import { formatTable, print } from './output.js';
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

const ROW_IDS: readonly string[] = ROWS.map(({ id }) => id);
const ROW_SPEC: OptionSpec = { type: 'choice', choices: ROW_IDS, default: '', description: 'row' };

export function reproduceCommand(): Command {
  const command = new Command('reproduce')
    .description(
      "run the article's six experiments and print them beside the published figures; rows done before are kept and shown",
    )
    .option('-n, --name <name>', 'runs are named <name>-<row>', 'reproduce')
    .option('--rows <list>', `only these rows, in this order: ${ROW_IDS.join(',')}`);
  addOptions(command, SETTINGS);
  addOptions(command, MEMBER_OPTIONS);
  withExamples(
    command,
    ['cifar reproduce', 'everything at full length: 150 epochs, 10 members'],
    ['cifar reproduce --epochs 30 --name short', 'a fifth of the length; the step schedule shrinks with it'],
    ['cifar reproduce --rows bench-normal,bench-none', 'two rows only, in this order'],
  );
  return command.action((flags: Partial<Settings & MemberOptions> & { name: string; rows?: string }) =>
    interruptible(async (signal) => {
      const { DATASET, testSet } = await import('./data.js');
      const { reproduce } = await import('../experiments/reproduce.js');
      const settings = optionValues<Settings>(SETTINGS, flags);
      const rows = (flags.rows?.split(',') ?? ROW_IDS).map(
        (id) => parseOption('rows', ROW_SPEC, id) as RowId,
      );
      const plan = {
        ...optionValues<MemberOptions>(MEMBER_OPTIONS, flags),
        name: flags.name,
        rows,
        settings,
      };
      const result = await reproduce(plan, testSet(settings), {
        dataset: DATASET,
        reporter: new TrainProgress(),
        members: memberReporter(),
        rowStarted: ({ title }) => print(`\n── ${title}`),
        signal,
      });
      print();
      print(
        `${settings.epochs} epochs (the article: 150), test-time augmentation with ${plan.passes} passes (the article: 50)`,
      );
      for (const line of reproducedTable(result)) print(line);
    }),
  );
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
