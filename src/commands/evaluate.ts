import { basename, join } from 'node:path';
import { Command } from 'commander';
import type { Evaluation } from '../evaluation/evaluate.js';
import type { ImageSet } from '../dataset/imageSet.js';
import { type RunFolder, checkModel, findRun } from '../runs/runFolder.js';
import type { RunRecord } from '../runs/runRecord.js';
import { UsageError, messageOf } from '../util/errors.js';
import { percent } from '../util/percent.js';
import { interruptible } from './interrupt.js';
import { addOptions, optionValues, withExamples } from './options.js';
import { formatTable, print, printConfusion, printJson, printProgress } from './output.js';
import { RUN_OPTIONS, type RunOptions } from './runOptions.js';
import { grouped } from '../util/grouped.js';

interface EvaluateFlags extends Partial<RunOptions> {
  json?: true;
  images?: string;
  labels?: string;
}

export function evaluateCommand(): Command {
  const command = new Command('evaluate')
    .description("measure a run's model on the test set: loss, accuracy, each class, confusions, calibration")
    .argument('<run>', "a run's folder, or its name in --models-dir")
    .option('--json', 'print the result as JSON')
    .option(
      '--images <file>',
      'measure on other images of the same classes: a NumPy file, n×32×32×3 bytes (CIFAR-10.1, CIFAR-10-C, ciFAIR)',
    )
    .option('--labels <file>', 'their class numbers, 0 to 9: a NumPy file of n whole numbers');
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
      const { images, labels } = flags;
      if ((images === undefined) !== (labels === undefined)) {
        throw new UsageError('--images and --labels belong together: give both, or neither.');
      }
      const isOther = images !== undefined && labels !== undefined;
      const set = isOther
        ? (await import('./arraySet.js')).arraySet(images, labels, options)
        : testSet(options);
      const engine = await openEngine(options);
      printProgress(`Backend ${engine.name}: ${engine.why}`);
      const record = readRunRecord(run);
      const result = await evaluate(run[options.weights], set, record.config, signal);
      const named = {
        run: run.name,
        weights: options.weights,
        backend: engine.name,
        ...(isOther && { imagesFile: images, labelsFile: labels }),
      };
      if (flags.json) printJson({ ...named, ...result });
      else {
        const state = `${run.name}, ${stateOf(record, options.weights, result.epoch)},`;
        await printEvaluation(
          `${state} on ${isOther ? `the ${grouped(set.count)} images of ${images}` : testImages(set)}`,
          result,
        );
      }
      if (!flags.json && !isOther) print(`All of it with pictures, in one file: cifar report ${run.path}`);
      // What was measured has been said, whatever becomes of the pictures: the folder may be somebody else's.
      try {
        // Those of another test set stand beside the run's own.
        const suffix = isOther ? `-${basename(images).replace(/\.npy$/, '')}` : '';
        for (const path of await drawEvaluation(run, result, suffix)) printProgress(`Picture ${path}`);
      } catch (error) {
        printProgress(`Note: no pictures of it were drawn: ${messageOf(error)}`);
      }
    }),
  );
}

/** Draws the confusion matrix and the calibration into the run's folder; returns the PNG files. */
async function drawEvaluation(run: RunFolder, result: Evaluation, suffix: string): Promise<string[]> {
  const { confusionChart } = await import('../plots/confusion.js');
  const { reliabilityChart } = await import('../plots/reliability.js');
  const { savePicture } = await import('../plots/savePicture.js');
  return [
    savePicture(
      join(run.path, `confusion${suffix}`),
      await confusionChart(
        result.confusion,
        result.classes.map(({ name }) => name),
        run.name,
      ),
    ).png,
    savePicture(
      join(run.path, `reliability${suffix}`),
      await reliabilityChart(result.calibration.bins, run.name),
    ).png,
    ...(result.calibrated.from === 'nothing'
      ? []
      : [
          savePicture(
            join(run.path, `reliability-calibrated${suffix}`),
            await reliabilityChart(result.calibrated.bins, `${run.name}, calibrated`),
          ).png,
        ]),
  ];
}

/** Which state of a run is measured, and how far that is from its end. */
function stateOf(record: RunRecord, weights: 'last' | 'best', epoch: number | undefined): string {
  const { status, config, exported, imported } = record;
  if (imported !== undefined) return `imported from ${imported.file}`;
  const which = weights === 'best' || exported === 'best' ? 'its best epoch' : 'its last epoch';
  const of = epoch === undefined ? which : `${which}, ${epoch + 1} of ${config.epochs}`;
  return status === 'running' ? `${of} (it is being trained, or was killed)` : of;
}

function testImages({ count, dataset }: ImageSet): string {
  return `${count === dataset.testImages ? 'the' : 'the first'} ${grouped(count)} test images`;
}

async function printEvaluation(what: string, result: Evaluation): Promise<void> {
  const { certainty } = await import('./certainty.js');
  const guessing = percent(1 / result.classes.length, 0);
  print(what);
  print(`accuracy ${percent(result.accuracy)} (guessing gives ${guessing}), loss ${result.loss.toFixed(4)}`);
  for (const line of certainty(result.calibration, result.calibrated)) print(line);
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
  printConfusion(
    result.confusion,
    result.classes.map((scores) => scores.name),
  );
}
