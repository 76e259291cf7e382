import { join } from 'node:path';
import { Command } from 'commander';
import type { Evaluation } from '../evaluation/evaluate.js';
import type { ImageSet } from '../dataset/imageSet.js';
import { type RunFolder, checkModel, findRun } from '../runs/runFolder.js';
import type { RunRecord } from '../runs/runRecord.js';
import { messageOf } from '../util/errors.js';
import { percent } from '../util/percent.js';
import { interruptible } from './interrupt.js';
import { addOptions, optionValues, withExamples } from './options.js';
import { formatTable, print, printJson, printProgress } from './output.js';
import { RUN_OPTIONS, type RunOptions } from './runOptions.js';
import { grouped } from '../util/grouped.js';

interface EvaluateFlags extends Partial<RunOptions> {
  json?: true;
}

export function evaluateCommand(): Command {
  const command = new Command('evaluate')
    .description("measure a run's model on the test set: loss, accuracy, each class, confusions, calibration")
    .argument('<run>', "a run's folder, or its name in --models-dir")
    .option('--json', 'print the result as JSON');
  addOptions(command, RUN_OPTIONS);
  withExamples(
    command,
    ['cifar evaluate bench-normal-s1', 'the last model of a run'],
    ['cifar evaluate models/bench-normal-s1 --weights best', "its best epoch's"],
    ['cifar evaluate bench-normal-s1 --json', 'for a program'],
  );
  return command.action((name: string, flags: EvaluateFlags) =>
    interruptible(async (signal) => {
      const { testSet } = await import('./data.js');
      const { openEngine } = await import('../runs/openEngine.js');
      const { evaluate } = await import('../evaluation/evaluate.js');
      const { readRunRecord } = await import('../runs/runRecord.js');
      const options = optionValues<RunOptions>(RUN_OPTIONS, flags);
      const run = findRun(name, options.modelsDir);
      checkModel(run, options.weights);
      const set = testSet(options);
      const engine = await openEngine(options);
      printProgress(`Backend ${engine.name}: ${engine.why}`);
      const result = await evaluate(run[options.weights], set, signal);
      const record = readRunRecord(run);
      if (flags.json) printJson({ run: run.name, weights: options.weights, backend: engine.name, ...result });
      else printEvaluation(`${run.name}, ${stateOf(record, options.weights, result.epoch)},`, result, set);
      // What was measured has been said, whatever becomes of the pictures: the folder may be somebody else's.
      try {
        for (const path of await drawEvaluation(run, result)) printProgress(`Picture ${path}`);
      } catch (error) {
        printProgress(`Note: no pictures of it were drawn: ${messageOf(error)}`);
      }
    }),
  );
}

/** Draws the confusion matrix and the calibration into the run's folder; returns the PNG files. */
async function drawEvaluation(run: RunFolder, result: Evaluation): Promise<string[]> {
  const { confusionChart } = await import('../plots/confusion.js');
  const { reliabilityChart } = await import('../plots/reliability.js');
  const { savePicture } = await import('../plots/savePicture.js');
  return [
    savePicture(
      join(run.path, 'confusion'),
      await confusionChart(
        result.confusion,
        result.classes.map(({ name }) => name),
        run.name,
      ),
    ).png,
    savePicture(join(run.path, 'reliability'), await reliabilityChart(result.calibration.bins, run.name)).png,
  ];
}

/** Which state of a run is measured, and how far that is from its end. */
function stateOf(record: RunRecord, weights: 'last' | 'best', epoch: number | undefined): string {
  const { status, config, exported } = record;
  const which = weights === 'best' || exported === 'best' ? 'its best epoch' : 'its last epoch';
  const of = epoch === undefined ? which : `${which}, ${epoch + 1} of ${config.epochs}`;
  return status === 'running' ? `${of} (it is being trained, or was killed)` : of;
}

function printEvaluation(name: string, result: Evaluation, { count, dataset }: ImageSet): void {
  const guessing = percent(1 / result.classes.length, 0);
  const images = count === dataset.testImages ? 'the' : 'the first';
  print(`${name} on ${images} ${grouped(result.images)} test images`);
  print(`accuracy ${percent(result.accuracy)} (guessing gives ${guessing}), loss ${result.loss.toFixed(4)}`);
  print(
    `Its certainty is ${(100 * result.calibration.expectedError).toFixed(2)} points off the share that is right (expected calibration error, 15 bins)`,
  );
  print();
  const scores = result.classes.map((c) => [
    c.name,
    percent(c.precision, 1),
    percent(c.recall, 1),
    percent(c.f1, 1),
    String(c.support),
  ]);
  for (const line of formatTable(['class', 'precision', 'recall', 'F1', 'images'], scores)) print(line);
  print(
    'precision: of those called so, the share that is; recall: of those that are, the share called so; F1: their mean',
  );
  print();
  print('Confusion matrix: a row for each true class, a column for each predicted one');
  const names = result.classes.map((scores) => scores.name);
  const short = names.map((className) => className.slice(0, 5));
  const rows = result.confusion.map((row, c) => [names[c], ...row.map(String)]);
  for (const line of formatTable(['', ...short], rows)) print(line);
}
