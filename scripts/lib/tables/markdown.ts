/** A table in Markdown. */
export function markdownTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(columns), `|${'---|'.repeat(columns.length)}`, ...rows.map(line)].join('\n');
}

/** A document with its table made anew. @param mark what the comments around it are named */
export function withTable(document: string, table: string, mark: string): string {
  const begin = new RegExp(`<!-- ${mark}:begin [^>]*-->\\n`).exec(document);
  const end = document.indexOf(`<!-- ${mark}:end -->`);
  if (begin === null || end < begin.index) {
    throw new Error(`The marks around the table of ${mark} are missing.`);
  }
  return `${document.slice(0, begin.index + begin[0].length)}${table}\n${document.slice(end)}`;
}
