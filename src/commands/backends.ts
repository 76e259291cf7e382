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
    const { describeBackends, inOrder, ratesOf } = await import('../engine/select.js');
    const found = await describeBackends();
    const { rates, failures } = await ratesOf(found, {});
    const reports = found.map((report) => {
      const { name } = report;
      if (failures[name] !== undefined) return { ...report, usable: false, reason: failures[name] };
      return rates[name] === undefined ? report : { ...report, trialRate: rates[name] };
    });
    const [chosen] = inOrder(reports, rates);
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
    if (Object.keys(rates).length > 0) {
      print('images/s: of a trial with a small net, made once and kept; what auto goes by');
    }
    for (const { name, details } of reports) {
      if (details === undefined || Object.keys(details).length === 0) continue;
      print();
      print(`${name}:`);
      for (const [key, value] of Object.entries(details)) print(`  ${key}: ${value}`);
    }
    print();
    print(
      (chosen as typeof chosen | undefined) === undefined
        ? 'auto finds none usable'
        : `auto takes ${chosen.name}: ${chosen.reason}`,
    );
  });
}
