import { Command } from 'commander';
import { withExamples } from './options.js';
import { formatTable, print, printJson } from './output.js';

export function backendsCommand(): Command {
  const command = new Command('backends')
    .description('what can compute here, and which of it --backend auto takes')
    .option('--json', 'print the result as JSON');
  withExamples(
    command,
    ['cifar backends', 'in the order in which auto looks'],
    ['cifar train --backend wasm', 'take one by name'],
  );
  return command.action(async (flags: { json?: true }) => {
    const { describeBackends } = await import('../engine/select.js');
    const reports = await describeBackends();
    const chosen = reports.find(({ usable }) => usable);
    if (flags.json) {
      printJson({ auto: chosen?.name, backends: reports });
      return;
    }
    const rows = reports.map(({ name, usable, version, reason }) => [
      name,
      usable ? 'yes' : 'no',
      version ?? '–',
      reason,
    ]);
    const widest = formatTable(
      ['backend', 'usable', 'version'],
      rows.map((row) => row.slice(0, 3)),
    );
    widest.forEach((line, i) => print(i < 2 ? line : `${line}  ${rows[i - 2][3]}`));
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
