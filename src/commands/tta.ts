import { Command } from 'commander';
import type { OptionSpec } from '../config/optionSpec.js';
import { TRAIN_OPTIONS } from '../config/trainOptions.js';
import { findRun } from '../pipeline/runFolder.js';
import { predictionName } from '../pipeline/predictions.js';
import { ensureFolder } from '../util/files.js';
import { interruptible } from './interrupt.js';
import { addOptions, optionValues, withExamples } from './options.js';
import { percent, print, printJson, printProgress } from './output.js';
import { RUN_OPTIONS, type RunOptions } from './runOptions.js';
import { TTA_OPTIONS } from './ttaOptions.js';
import { countProgress } from './trainProgress.js';

interface TtaOptions extends RunOptions {
  passes: number;
  augment: string;
  batchSize: number;
  seed: number;
  workers: number;
  predictionsDir: string;
}

const OPTIONS: Record<keyof TtaOptions, OptionSpec> = {
  ...TTA_OPTIONS,
  augment: { ...TRAIN_OPTIONS.augment, default: 'normal' },
  batchSize: {
    ...TRAIN_OPTIONS.batchSize,
    description: 'images computed at once, at most 500; need not divide the set',
  },
  seed: TRAIN_OPTIONS.seed,
  workers: TRAIN_OPTIONS.workers,
  ...RUN_OPTIONS,
};

export function ttaCommand(): Command {
  const command = new Command('tta')
    .description("test-time augmentation: average a run's answers over augmented passes through the test set")
    .argument('<run>', "a run's folder, or its name in --models-dir")
    .option('-o, --out <name>', "name of the arrays in --predictions-dir; default: the run's")
    .option('--json', 'print the result as JSON');
  addOptions(command, OPTIONS);
  withExamples(
    command,
    ['cifar tta deep-strong-s1', "the article's 50 passes under normal augmentation"],
    ['cifar tta deep-strong-s1 --passes 10 --out pred_0', 'fewer passes, saved as predictions/pred_0.npy'],
  );
  return command.action((name: string, flags: Partial<TtaOptions> & { out?: string; json?: true }) =>
    interruptible(async (signal) => {
      const { testSet } = await import('./testSet.js');
      const { openEngine } = await import('../pipeline/engine.js');
      const { predictionSource, savePredictions } = await import('../pipeline/predictions.js');
      const { testTimeAugment } = await import('../pipeline/tta.js');
      const options = optionValues<TtaOptions>(OPTIONS, flags);
      const { weights, passes, augment, batchSize, seed, workers, predictionsDir } = options;
      const run = findRun(name, options.modelsDir);
      const outName = flags.out === undefined ? run.name : predictionName(flags.out);
      const set = testSet(options);
      const source = predictionSource(run, { weights, images: set.count, seed, passes, augment });
      ensureFolder(predictionsDir);
      const engine = await openEngine(options);
      printProgress(`Backend ${engine.name}: ${engine.why}`);
      const progress = countProgress('pass', passes);
      const { probabilities, ...figures } = await testTimeAugment(run[weights], set, {
        passes,
        augment: source.augmentation,
        batchSize,
        seed,
        workers,
        signal,
        onPass: (done, accuracy) => progress(done, `accuracy so far ${percent(accuracy)}`),
      });
      const record = { ...source, ...figures };
      const path = savePredictions(predictionsDir, outName, probabilities, record);
      if (flags.json) {
        printJson({ ...record, backend: engine.name, predictions: path });
      } else {
        print(`accuracy without test-time augmentation ${percent(record.plainAccuracy)}`);
        print(`accuracy with ${passes} passes of ${augment}  ${percent(record.accuracy)}`);
        print(`Predictions are in ${path}`);
      }
    }),
  );
}
