import { Command } from 'commander';
import { withExamples } from './options.js';
import { formatTable, print, printJson } from './output.js';

export function backendsCommand(): Command {
  const command = new Command('backends')
    .description('what can compute here, and which of it --backend auto takes')
    .option('--json', 'print the result as JSON');
  withExamples(
    command,
    ['cifar backends', 'all, with the speed that auto goes by'],
    ['cifar train --backend wasm', 'take one by name'],
  );
  return command.action(async (flags: { json?: true }) => {
    const { compareAll, inOrder } = await import('../engine/select.js');
    const reports = await compareAll();
    const chosen = inOrder(reports).at(0);
    if (flags.json) {
      printJson({ auto: chosen?.name, backends: reports });
      return;
    }
    const rows = reports.map(({ name, usable, version, trialRate }) => [
      name,
      usable ? 'yes' : 'no',
      trialRate === undefined ? '–' : String(trialRate),
      version ?? '–',
    ]);
    const lines = formatTable(['backend', 'usable', 'images/s', 'version'], rows);
    lines.forEach((line, i) => print(i < 2 ? line : `${line}  ${reports[i - 2].reason}`));
    if (reports.some(({ trialRate }) => trialRate !== undefined)) {
      print('images/s: of a trial with a small net, made once and kept; what auto goes by');
    }
    if (reports.some(({ isDisturbed }) => isDisturbed)) {
      print('images/s: none while other programs keep the processor busy; auto takes the first usable one');
    }
    for (const { name, details } of reports) {
      if (details === undefined || Object.keys(details).length === 0) continue;
      print();
      print(`${name}:`);
      for (const [key, value] of Object.entries(details)) print(`  ${key}: ${value}`);
    }
    print();
    print(chosen === undefined ? 'auto finds none usable' : `auto takes ${chosen.name}: ${chosen.reason}`);
  });
}
