#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { backendsCommand } from './commands/backends.js';
import { benchmarkCommand } from './commands/benchmark.js';
import { downloadCommand } from './commands/download.js';
import { ensembleCommand } from './commands/ensemble.js';
import { evaluateCommand } from './commands/evaluate.js';
import { exportCommand } from './commands/export.js';
import { modelsCommand } from './commands/models.js';
import { withExamples } from './commands/options.js';
import { printError } from './commands/output.js';
import { plotCommand } from './commands/plot.js';
import { reproduceCommand } from './commands/reproduce.js';
import { samplesCommand } from './commands/samples.js';
import { trainCommand } from './commands/train.js';
import { ttaCommand } from './commands/tta.js';
import { EngineError } from './engine/errors.js';
import { packageVersion } from './util/packageVersion.js';
import { CifarError, EXIT, InterruptedError, codeOf } from './util/errors.js';

function program(): Command {
  const root = new Command('cifar')
    .description('Train, evaluate and ensemble CIFAR-10 classifiers.')
    .version(packageVersion())
    .configureHelp({ helpWidth: 110 })
    .showHelpAfterError('(cifar --help shows what there is)')
    // `ensemble` and `ensemble train` share names of options: each takes those after its own name.
    .enablePositionalOptions()
    .exitOverride();
  const commands = [
    downloadCommand(),
    trainCommand(),
    evaluateCommand(),
    ttaCommand(),
    ensembleCommand(),
    plotCommand(),
    samplesCommand(),
    reproduceCommand(),
    benchmarkCommand(),
    exportCommand(),
    modelsCommand(),
    backendsCommand(),
  ];
  const inherit = (command: Command, parent: Command, path: string): void => {
    command.copyInheritedSettings(parent);
    const ownPath = `${path} ${command.name()}`;
    command.showHelpAfterError(`(${ownPath} --help shows the options)`);
    for (const child of command.commands) inherit(child, command, ownPath);
  };
  for (const command of commands) {
    inherit(command, root, root.name());
    root.addCommand(command);
  }
  return withExamples(
    root,
    ['cifar download', 'get the data set'],
    ['cifar train --model deep --augment strong', 'train a network; its run is models/deep-strong-s1'],
    ['cifar train --recipe fast94-muon', 'the fastest road to 94 %'],
    ['cifar tta deep-strong-s1', 'its accuracy over 50 augmented passes'],
    ['cifar ensemble train', "the article's ten networks, trained and averaged"],
  );
}

/** The exit code of a command that failed, after saying why. */
function report(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has printed its message; asking for help or the version is no error.
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  if (error instanceof InterruptedError) {
    printError(error.message);
    return error.exitCode;
  }
  if (error instanceof EngineError) {
    printError(`Error: ${error.message}`);
    return EXIT.failed;
  }
  if (error instanceof CifarError) {
    printError(`Error: ${error.message}`);
    return error.exitCode;
  }
  printError(error instanceof Error ? (error.stack ?? error.message) : String(error));
  printError('This is a bug in cifar: please report it with the text above.');
  return EXIT.failed;
}

// A reader that has seen enough (`cifar train | head`) must not end the work.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (codeOf(error) !== 'EPIPE') throw error;
  });
}

try {
  await program().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
