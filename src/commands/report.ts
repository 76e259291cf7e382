import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { Command } from 'commander';
import { findRun } from '../runs/runFolder.js';
import { UsageError } from '../util/errors.js';
import { checkPlace } from '../util/files.js';
import { DATASET } from './data.js';
import { interruptible } from './interrupt.js';
import { openInBrowser } from './openInBrowser.js';
import { addOptions, optionValues, withExamples } from './options.js';
import { print, printProgress } from './output.js';
import { type OverwriteFlag, checkOverwriting, overwriteOption } from './overwrite.js';
import { MEASURE_OPTIONS, type MeasureOptions } from './runOptions.js';

interface ReportFlags extends Partial<MeasureOptions>, OverwriteFlag {
  out?: string;
  open?: true;
}

export function reportCommand(): Command {
  const command = new Command('report')
    .description(
      'one HTML file on a run, or on several beside each other: curves, each class, mistakes with their pictures, calibration, configuration, time; ' +
        'it opens offline and can be mailed',
    )
    .argument('<runs...>', "runs' folders, or their names in --models-dir")
    .option('-o, --out <file>', "where it goes; default: report.html in the run's folder, or in --models-dir")
    .option('--open', 'open it in the browser')
    .addOption(overwriteOption());
  addOptions(command, MEASURE_OPTIONS);
  withExamples(
    command,
    ['cifar report bench-normal-s1', 'writes models/bench-normal-s1/report.html'],
    [
      'cifar report bench-none-s1 bench-normal-s1 --out augmentation.html',
      'two compared, and each by itself',
    ],
  );
  return command.action((names: string[], flags: ReportFlags) =>
    interruptible(async (signal) => {
      const options = optionValues<MeasureOptions>(MEASURE_OPTIONS, flags);
      const folders = names.map((name) => findRun(name, options.modelsDir));
      const out =
        flags.out ?? join(folders.length === 1 ? folders[0].path : options.modelsDir, 'report.html');
      if (extname(out) !== '.html')
        throw new UsageError(`--out: expected a file that ends in .html, got "${out}".`);
      checkOverwriting(out, flags, isReport);
      checkPlace('--out', out);
      const { writeReport } = await import('../report/writeReport.js');
      const bytes = await writeReport(out, folders, {
        ...{ dataset: DATASET, dataDir: options.dataDir, limitTest: options.limitTest },
        predictionsDir: options.predictionsDir,
        ...{ engine: options, note: printProgress, signal },
      });
      print(`${out} (${(bytes / 1e6).toFixed(1)} MB): open it in any browser`);
      if (flags.open === true) openInBrowser(out);
    }),
  );
}

/** Whether a file is a report that was written here. */
function isReport(path: string): boolean {
  return existsSync(path) && readFileSync(path).toString('utf8', 0, 1000).includes('content="cifar report"');
}
