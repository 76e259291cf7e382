import { basename, relative } from 'node:path';
import { oneLine, printable } from '../util/text.js';

/** Where a command's results and its progress go: results to standard output, all else to standard error. */

/** The program's commands, as they stand in advice. */
const ADVICE =
  /(?<![\w/.`-])cifar (?=(?:download|train|evaluate|predict|tta|ensemble|plot|samples|reproduce|benchmark|export|import|models|backends|runs|serve|report|search|submit|status|--)\b|--)/g;

/**
 * How the program was called, so that advice can be copied: `npx cifar`, `npm run cifar --`, `node dist/cli.js`, or `cifar`
 * where it is a command of its own.
 */
export function programCall(
  script: string = process.argv[1] ?? 'cifar',
  env: NodeJS.ProcessEnv = process.env,
  cwd: string = process.cwd(),
): string {
  if (env['npm_command'] === 'exec') return 'npx cifar';
  if (env['npm_lifecycle_event'] === 'cifar') return 'npm run cifar --';
  if (!/\.(js|ts)$/.test(script)) return basename(script);
  const path = relative(cwd, script);
  return `node ${path.startsWith('..') ? script : path}`;
}

const program = programCall();

/** A text whose advice names the program as it was called. */
export function asCalled(text: string): string {
  return program === 'cifar' ? text : text.replace(ADVICE, `${program} `);
}

/** A line of a command's result. */
export function print(line = ''): void {
  process.stdout.write(`${printable(asCalled(line))}\n`);
}

/** A line about what is going on; never part of a result, so that `--json` output stays clean. */
export function printProgress(line: string): void {
  process.stderr.write(`${printable(asCalled(line))}\n`);
}

/** A line that says what went wrong; parts of it may come from files. */
export function printError(line: string): void {
  process.stderr.write(`${oneLine(asCalled(line))}\n`);
}

/** A machine-readable result. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** One of several machine-readable results. */
export function printJsonLine(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Lines of a table with aligned columns: the first to the left, the others to the right. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ');
  return [line(header), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].map((text) =>
    text.trimEnd(),
  );
}

/** Counts by true class (row) and predicted class (column), as a table. */
export function printConfusion(
  confusion: readonly (readonly number[])[],
  classNames: readonly string[],
): void {
  print('Confusion matrix: a row for each true class, a column for each predicted one');
  const short = classNames.map((className) => className.slice(0, 5));
  const rows = confusion.map((row, c) => [classNames[c], ...row.map(String)]);
  for (const line of formatTable(['', ...short], rows)) print(line);
}
