#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { backendsCommand } from './commands/backends.js';
import { benchmarkCommand } from './commands/benchmark.js';
import { downloadCommand } from './commands/download.js';
import { ensembleCommand } from './commands/ensemble.js';
import { evaluateCommand } from './commands/evaluate.js';
import { exportCommand } from './commands/export.js';
import { importCommand } from './commands/import.js';
import { modelsCommand } from './commands/models.js';
import { withExamples } from './commands/options.js';
import { asCalled, printError } from './commands/output.js';
import { predictCommand } from './commands/predict.js';
import { plotCommand } from './commands/plot.js';
import { reproduceCommand } from './commands/reproduce.js';
import { reportCommand } from './commands/report.js';
import { runsCommand } from './commands/runs.js';
import { outliveStreams } from './commands/streams.js';
import { samplesCommand } from './commands/samples.js';
import { searchCommand } from './commands/search.js';
import { serveCommand } from './commands/serve.js';
import { trainCommand } from './commands/train.js';
import { statusCommand } from './commands/status.js';
import { submitCommand } from './commands/submit.js';
import { ttaCommand } from './commands/tta.js';
import { EngineError } from './engine/errors.js';
import { packageVersion } from './util/packageVersion.js';
import { CifarError, EXIT, InterruptedError } from './util/errors.js';

function program(): Command {
  const root = new Command('cifar')
    .description(
      'Trains networks that recognise small photographs, measures them, and averages several for a better one.\n\n' +
        'The data set is CIFAR-10: 60,000 photographs of 32×32 pixels in ten classes (airplane, automobile, bird, cat, ' +
        'deer, dog, frog, horse, ship, truck). An accuracy is the share of its 10,000 test images named rightly; ' +
        'guessing is right once in ten times.',
    )
    .version(packageVersion())
    .configureHelp({ helpWidth: Math.min(process.stdout.columns || 80, 110) })
    .configureOutput({
      writeOut: (text) => process.stdout.write(asCalled(text)),
      writeErr: (text) => process.stderr.write(asCalled(text)),
    })
    .showHelpAfterError('(cifar --help shows what there is)')
    // `ensemble` and `ensemble train` share names of options: each takes those after its own name.
    .commandsGroup('Look at:')
    .enablePositionalOptions()
    .exitOverride();
  const groups: Readonly<Record<string, readonly Command[]>> = {
    'Train and measure:': [
      downloadCommand(),
      trainCommand(),
      evaluateCommand(),
      predictCommand(),
      ttaCommand(),
      ensembleCommand(),
    ],
    'Look at:': [
      serveCommand(),
      reportCommand(),
      runsCommand(),
      plotCommand(),
      samplesCommand(),
      modelsCommand(),
      backendsCommand(),
    ],
    'Many trainings, and models to give away:': [
      reproduceCommand(),
      benchmarkCommand(),
      searchCommand(),
      submitCommand(),
      statusCommand(),
      exportCommand(),
      importCommand(),
    ],
  };
  const inherit = (command: Command, parent: Command, path: string): void => {
    command.copyInheritedSettings(parent);
    const ownPath = `${path} ${command.name()}`;
    command.showHelpAfterError(`(${ownPath} --help shows the options)`);
    for (const child of command.commands) inherit(child, command, ownPath);
  };
  for (const [heading, commands] of Object.entries(groups)) {
    for (const command of commands) {
      inherit(command, root, root.name());
      root.addCommand(command.helpGroup(heading));
    }
  }
  return withExamples(
    root,
    ['cifar download', 'get the data set: half a minute'],
    [
      'cifar train --recipe fast94-muon --limit-train 10000 --limit-test 2000 -e 3',
      'a quick look: to 60 % in one to three minutes',
    ],
    ['cifar train --recipe fast94', 'to 94 %: minutes on a processor with bf16'],
    ['cifar train --model deep --augment strong', "one of the article's ten networks: hours"],
    ['cifar ensemble train', 'all ten, trained and averaged: days'],
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
  if (error instanceof EngineError || error instanceof CifarError) {
    for (const line of `Error: ${error.message}`.split('\n')) printError(line);
    return error instanceof CifarError ? error.exitCode : EXIT.failed;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  for (const line of text.split('\n')) printError(line);
  printError('This is a bug in cifar: please report it with the text above.');
  return EXIT.failed;
}

// Native packages ask for it to tell the C library's kind; with all network interfaces that takes 50 ms.
Object.assign(process.report ?? {}, { excludeNetwork: true });

outliveStreams();

try {
  await program().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
