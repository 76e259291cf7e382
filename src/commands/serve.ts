import { once } from 'node:events';
import { Command } from 'commander';
import type { OptionSpec } from '../config/optionSpec.js';
import { UsageError } from '../util/errors.js';
import { grouped } from '../util/grouped.js';
import { DATASET } from './data.js';
import { interruptible } from './interrupt.js';
import { openInBrowser } from './openInBrowser.js';
import { addOptions, optionValues, withExamples } from './options.js';
import { print, printProgress } from './output.js';
import { MEASURE_OPTIONS, type MeasureOptions } from './runOptions.js';

interface OwnOptions {
  port: number;
  images: number;
}

const OWN_OPTIONS: Readonly<Record<keyof OwnOptions, OptionSpec>> = {
  port: {
    ...{ type: 'integer', min: 0, max: 65_535, default: 0, placeholder: 'number' },
    description: 'where it listens; 0 = any port that is free',
  },
  images: {
    ...{ type: 'integer', min: 1, max: 60_000, default: 2000, placeholder: 'n' },
    description: 'with --export: how many images of each part',
  },
};

interface ServeFlags extends Partial<MeasureOptions & OwnOptions> {
  host: string;
  hostName: string[];
  open?: true;
  export?: string;
  runs: string[];
}

export function serveCommand(): Command {
  const command = new Command('serve')
    .description(
      'a page over all runs, in your browser: your own pictures under your own networks, a training in the page, curves as they grow, ' +
        'mistakes with their pictures, augmentation, the data set. It only reads',
    )
    .option('--host <address>', 'at which of this machine’s addresses; 0.0.0.0: all of them', '127.0.0.1')
    .option(
      '--host-name <name>',
      'a name under which it may be called from other machines; can be given several times',
      collect,
      [],
    )
    .option('--open', 'open it in the browser')
    .option(
      '--export <folder>',
      'write the page as a folder of files instead, for any web server: with the network that comes with the program, and a slice of the data',
    )
    .option('--runs <runs...>', 'with --export: the runs to write, by name or folder', []);
  addOptions(command, OWN_OPTIONS);
  addOptions(command, MEASURE_OPTIONS);
  withExamples(
    command,
    ['cifar serve --open', 'follow what is being trained, and look at what was'],
    ['cifar serve --export site', 'a folder for a class: any https host will do'],
    ['cifar serve --export site --runs bench-normal-s1', 'with a run of your own'],
  );
  return command.action(async (flags: ServeFlags) => {
    const options = optionValues<MeasureOptions>(MEASURE_OPTIONS, flags);
    const { port, images } = optionValues<OwnOptions>(OWN_OPTIONS, flags);
    if (flags.export === undefined) {
      if (flags.runs.length > 0)
        throw new UsageError('--runs belongs to --export: the page itself shows all runs.');
      return serve(port, flags, options);
    }
    await exportFolder(flags.export, images, flags, options);
  });
}

/** Serves until it is told to end. */
async function serve(
  port: number,
  { host, hostName, open }: ServeFlags,
  options: MeasureOptions,
): Promise<void> {
  const { servePage } = await import('../serve/server.js');
  const { modelsDir, dataDir, limitTest, predictionsDir, ...engine } = options;
  const server = await servePage({
    ...{ dataset: DATASET, modelsDir, dataDir, limitTest, predictionsDir, engine },
    ...{ host, port, hostNames: hostName },
  });
  print(`The runs of ${modelsDir}/ are at ${server.url} (Ctrl-C ends it)`);
  if (host !== '127.0.0.1' && host !== 'localhost' && host !== '::1') {
    printProgress(
      'Whoever can reach this machine can read them. Browsers give pages from plain http neither camera nor graphics card; --export writes a folder for an https server.',
    );
  }
  if (open === true) openInBrowser(server.url);
  // Its end is nothing that went wrong.
  await Promise.race((['SIGINT', 'SIGTERM'] as const).map((name) => once(process, name)));
  await server.close();
}

async function exportFolder(
  folder: string,
  images: number,
  flags: ServeFlags,
  options: MeasureOptions,
): Promise<void> {
  const { exportSite } = await import('../serve/exportSite.js');
  const { files, bytes } = await interruptible((signal) =>
    exportSite(folder, {
      ...options,
      ...{
        engine: options,
        dataset: DATASET,
        runs: flags.runs,
        images,
        note: printProgress,
        signal,
      },
    }),
  );
  print(
    `${grouped(files)} files, ${(bytes / 1e6).toFixed(1)} MB, are in ${folder}/: put them on any https host.`,
  );
}

const collect = (name: string, before: string[]): string[] => [...before, name];
