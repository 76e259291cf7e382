/** One part of a line, and what it is worth: where the terminal is narrow, parts of the lowest rank go first, whole. */
export interface LinePart {
  text: string;
  rank: number;
}

const SEPARATOR = ' · ';

/** The parts that fit a width, joined in their order; at least the one of the highest rank, whatever its length. */
export function fitLine(parts: readonly LinePart[], width: number): string {
  const kept = [...parts];
  const joined = (): string => kept.map(({ text }) => text).join(SEPARATOR);
  while (kept.length > 1 && [...joined()].length > width) {
    const lowest = kept.reduce((a, b) => (b.rank < a.rank ? b : a));
    kept.splice(kept.indexOf(lowest), 1);
  }
  return joined();
}

/** A bar of so many cells, filled by a share of 0 to 1. */
export function bar(share: number, cells: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * cells);
  return '█'.repeat(filled) + '░'.repeat(cells - filled);
}

/** A line at the bottom of a terminal that is written over. */
export class StatusLine {
  private isShown = false;

  constructor(private readonly stream: Pick<NodeJS.WriteStream, 'write' | 'columns'>) {}

  show(parts: readonly LinePart[]): void {
    // One column stays free, since some terminals wrap a full line.
    const width = (this.stream.columns || 80) - 1;
    this.stream.write(`\u001b[2K\r${fitLine(parts, width)}`);
    this.isShown = true;
  }

  clear(): void {
    if (this.isShown) this.stream.write('\u001b[2K\r');
    this.isShown = false;
  }
}
