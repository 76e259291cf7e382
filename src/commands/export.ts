import { join } from 'node:path';
import { Command } from 'commander';
import type { OptionSpec } from '../config/optionSpec.js';
import { checkModel, findRun } from '../runs/runFolder.js';
import { FORMATS, type Format } from '../exchange/formats.js';
import { UsageError } from '../util/errors.js';
import { percent } from '../util/percent.js';
import { interruptible } from './interrupt.js';
import { addOptions, optionValues, withExamples } from './options.js';
import { print } from './output.js';
import { RUN_OPTIONS, type RunOptions } from './runOptions.js';

type ExportOptions = RunOptions & { format: Format; float16: boolean };

const OPTIONS: Record<keyof ExportOptions, OptionSpec> = {
  format: {
    type: 'choice',
    choices: FORMATS,
    default: 'tfjs',
    placeholder: 'name',
    description:
      'tfjs, a folder that is a run; onnx, for onnxruntime; keras and keras-h5, for Keras 3 and 2; safetensors, with a program that builds the network in PyTorch',
  },
  float16: {
    type: 'boolean',
    default: false,
    description: 'tfjs: store each weight in 16 bits, half the size',
  },
  ...RUN_OPTIONS,
};

export function exportCommand(): Command {
  const command = new Command('export')
    .description(
      "make a folder to give away: a run's model, its options, and a model card with its accuracy, measured on the stored weights",
    )
    .argument('<run>', "a run's folder, or its name in --models-dir")
    .argument('<folder>', 'where it goes; must not be there yet');
  addOptions(command, OPTIONS);
  withExamples(
    command,
    [
      'cifar export fast96-s1 models/cifar10-fast96 --float16',
      'half the size; the card says what that costs',
    ],
    ['cifar export fast96-s1 fast96-onnx --format onnx', 'model.onnx and its card'],
    ['cifar evaluate models/cifar10-fast96', 'what is exported is a run like any other'],
  );
  return command.action((name: string, target: string, flags: Partial<ExportOptions>) =>
    interruptible(async (signal) => {
      const { testSet } = await import('./data.js');
      const { exportModel } = await import('../exchange/exportModel.js');
      const options = optionValues<ExportOptions>(OPTIONS, flags);
      if (options.float16 && options.format !== 'tfjs') {
        throw new UsageError(`--float16 applies to --format tfjs only: leave one out.`);
      }
      const run = findRun(name, options.modelsDir);
      checkModel(run, options.weights);
      const { folder, evaluation, tta, modelBytes } = await exportModel(run, target, testSet(options), {
        weights: options.weights,
        float16: options.float16,
        format: options.format,
        engine: options,
        signal,
      });
      print(
        `accuracy ${percent(evaluation.accuracy)}${tta ? `, with test-time augmentation ${percent(tta.accuracy)}` : ''}`,
      );
      print(`${(modelBytes / 1e6).toFixed(1)} MB of model; its card is ${join(folder.path, 'README.md')}`);
    }),
  );
}
