/** Where a command's results and its progress go: results to standard output, all else to standard error. */

/** A line of a command's result. */
export function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** A line about what is going on; never part of a result, so that `--json` output stays clean. */
export function printProgress(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** A line that says what went wrong. */
export function printError(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** A machine-readable result. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
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
