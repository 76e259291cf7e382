import { join } from 'node:path';
import { Command } from 'commander';
import type { OptionSpec } from '../config/optionSpec.js';
import { TRAIN_OPTIONS } from '../config/trainOptions.js';
import { VIEW_PRESETS } from '../dataset/views/presets.js';
import { checkModel, findRun } from '../runs/runFolder.js';
import type { MethodOptions } from '../evaluation/chooseMethod.js';
import type { WantedMethod } from '../evaluation/predictionFile.js';
import { ensureFolder } from '../util/files.js';
import { percent } from '../util/percent.js';
import { describeMethod } from './describeMethod.js';
import { interruptible } from './interrupt.js';
import { addOptions, optionValues, withExamples } from './options.js';
import { print, printJson, printProgress } from './output.js';
import { type OverwriteFlag, checkOverwriting, overwriteOption } from './overwrite.js';
import { RUN_OPTIONS, type RunOptions } from './runOptions.js';
import { TTA_OPTIONS } from './ttaOptions.js';
import { countProgress } from './trainProgress.js';

interface TtaOptions extends RunOptions, MethodOptions {
  batchSize: number;
  workers: number;
  predictionsDir: string;
}

const OPTIONS: Record<keyof TtaOptions, OptionSpec> = {
  preset: {
    type: 'choice',
    choices: ['auto', 'keras', ...Object.keys(VIEW_PRESETS)],
    default: 'auto',
    placeholder: 'name',
    description:
      "what is averaged: keras, the article's augmented passes; flip and multicrop, 2 and 6 fixed views; none, one plain pass; " +
      'auto takes what the run was trained with: its views, else passes under its augmentation, else flip',
  },
  ...TTA_OPTIONS,
  augment: {
    ...TRAIN_OPTIONS.augment,
    default: 'auto',
    description: 'keras: augmentation of the passes; auto takes the one the run was trained with',
  },
  share: {
    type: 'number',
    min: 0.0001,
    max: 1,
    default: 1,
    placeholder: 'share',
    description: 'views: only this share of the images, the least sure, gets them; the others one plain pass',
  },
  batchSize: {
    ...TRAIN_OPTIONS.batchSize,
    description: 'keras: images computed at once, at most 500; need not divide the set',
  },
  seed: { ...TRAIN_OPTIONS.seed, description: 'keras: seed of the passes' },
  workers: TRAIN_OPTIONS.workers,
  ...RUN_OPTIONS,
};

export function ttaCommand(): Command {
  const command = new Command('tta')
    .description("test-time augmentation: average a run's answers over several looks at each test image")
    .argument('<run>', "a run's folder, or its name in --models-dir")
    .option('-o, --out <name>', "name of the arrays in --predictions-dir; default: the run's")
    .option('--json', 'print the result as JSON')
    .addOption(overwriteOption());
  addOptions(command, OPTIONS);
  withExamples(
    command,
    [
      'cifar tta deep-strong-s1',
      "the article's 50 passes, under the augmentation that the run was trained with",
    ],
    ['cifar tta deep-strong-s1 --passes 10 --out pred_0', 'fewer passes, saved as predictions/pred_0.npy'],
    ['cifar tta fast94-s1', "a recipe's own: six views of each image"],
    ['cifar tta fast94-s1 --preset multicrop --share 0.25', 'the six views for the least sure quarter only'],
  );
  return command.action(
    (name: string, flags: Partial<TtaOptions> & OverwriteFlag & { out?: string; json?: true }) =>
      interruptible(async (signal) => {
        const { testSet } = await import('./data.js');
        const { openEngine } = await import('../runs/openEngine.js');
        const { earlierPrediction, predictionName, predictionSource, savePredictions } =
          await import('../evaluation/predictionFile.js');
        const { testTimeAugment } = await import('../evaluation/testTimeAugment.js');
        const { readRunRecord } = await import('../runs/runRecord.js');
        const { chooseMethod } = await import('../evaluation/chooseMethod.js');
        const options = optionValues<TtaOptions>(OPTIONS, flags);
        const { weights, batchSize, workers, predictionsDir } = options;
        const run = findRun(name, options.modelsDir);
        const outName = flags.out === undefined ? run.name : predictionName(flags.out);
        checkModel(run, weights);
        const set = testSet(options);
        const own = readRunRecord(run).config;
        const tta = chooseMethod(options, flags, own);
        const source = predictionSource(run, { weights, images: set.count, tta });
        ensureFolder(predictionsDir);
        const isOwn = (): boolean => earlierPrediction(predictionsDir, outName, source.run) !== undefined;
        checkOverwriting(join(predictionsDir, `${outName}.npy`), flags, isOwn);
        const engine = await openEngine(options);
        printProgress(`Backend ${engine.name}: ${engine.why}`);
        const progress = countProgress('pass', tta.preset === 'keras' ? tta.passes : 1);
        const { probabilities, ...figures } = await testTimeAugment(run[weights], set, source.method, {
          batchSize,
          workers,
          config: own,
          signal,
          onPass: (done, accuracy) => progress(done, `accuracy so far ${percent(accuracy)}`),
        });
        const record = { ...source, ...figures };
        if (flags.json) {
          const predictions = join(predictionsDir, `${outName}.npy`);
          printJson({ ...record, backend: engine.name, predictions });
        } else {
          print(`accuracy without test-time augmentation ${percent(record.plainAccuracy)}`);
          print(`accuracy with ${describeMethod(record)}  ${percent(record.accuracy)}`);
          print(`${Number(record.forwards.toFixed(2))} forward passes an image`);
          const { meanCertainty } = await import('./certainty.js');
          for (const line of meanCertainty(probabilities, set.labels, record.temperature)) print(line);
          if (record.accuracy < record.plainAccuracy) print(lossAdvice(tta));
        }
        const path = savePredictions(predictionsDir, outName, probabilities, record);
        if (!flags.json) {
          print(`Predictions are in ${path}`);
          print(`All of it in one file: cifar report ${run.path}`);
        }
      }),
  );
}

/** What to say of an average that is worse than a single look. */
function lossAdvice({ preset }: WantedMethod): string {
  return preset === 'keras'
    ? 'That is less than one look gives: this network has not learned to recognise images changed so much. Views change them less: --preset multicrop, or flip.'
    : 'That is less than one look gives: this network was not trained to recognise such views.';
}
