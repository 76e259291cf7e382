import { Command } from 'commander';
import type { OptionSpec } from '../config/optionSpec.js';
import { DATA_OPTIONS, ENGINE_OPTIONS } from '../config/options/shared.js';
import { TRAIN_OPTIONS, type TrainConfig } from '../config/trainOptions.js';
import { RANGES } from '../exchange/keras/ranges.js';
import type { ImportOptions as Settings } from '../exchange/importModel.js';
import { loadTrain } from '../dataset/load.js';
import { grouped } from '../util/grouped.js';
import { DATASET } from './data.js';
import { addOptions, optionValues, withExamples } from './options.js';
import { print } from './output.js';

type ImportOptions = Pick<TrainConfig, 'dataDir' | 'modelsDir' | keyof typeof ENGINE_OPTIONS> &
  Pick<Settings, 'range'>;

const OPTIONS: Record<keyof ImportOptions, OptionSpec> = {
  range: {
    type: 'choice',
    choices: ['auto', ...Object.keys(RANGES)],
    default: 'auto',
    placeholder: 'range',
    description: 'numbers that the network takes for black and white; auto tries them on training images',
  },
  dataDir: DATA_OPTIONS.dataDir,
  modelsDir: TRAIN_OPTIONS.modelsDir,
  ...ENGINE_OPTIONS,
};

export function importCommand(): Command {
  const command = new Command('import')
    .description('make a run of a model that Keras has saved, to be measured, averaged, asked and exported')
    .argument('<file>', 'a model of Keras 2 or 3: .h5, .hdf5 or .keras')
    .option('-n, --name <name>', "the run's name (default: the file's)");
  addOptions(command, OPTIONS);
  withExamples(
    command,
    ['cifar import deep.h5', 'then: cifar evaluate deep, cifar tta deep'],
    ['cifar import mine.keras --name mine --range 0..255', 'whose images were not scaled'],
  );
  return command.action(async (file: string, flags: Partial<ImportOptions> & { name?: string }) => {
    const { importModel } = await import('../exchange/importModel.js');
    const options = optionValues<ImportOptions>(OPTIONS, flags);
    const { dataDir, modelsDir } = options;
    const { folder, range, record } = await importModel(file, DATASET, {
      ...{ modelsDir, range: options.range, engine: options },
      ...(flags.name !== undefined && { name: flags.name }),
      images: (limit) => loadTrain(DATASET, { dataDir, limit }),
    });
    print(`${folder.path}: ${grouped(record.parameters)} parameters, for numbers in ${range}`);
    print(`Measure it: cifar evaluate ${folder.path}`);
  });
}
