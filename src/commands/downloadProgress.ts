import { Presets, SingleBar } from 'cli-progress';
import type { DownloadProgress } from '../dataset/fetch/download.js';
import { printProgress } from './output.js';

const MEGABYTE = 1e6;

/** Shows a download: on a terminal a bar for each phase, elsewhere a plain line at every quarter of the transfer. */
export class DownloadProgressView {
  private bar: SingleBar | undefined;
  private label = '';
  private quarters = 0;

  constructor(
    private readonly write: (line: string) => void = printProgress,
    private readonly isTerminal = process.stderr.isTTY,
  ) {}

  show(progress: DownloadProgress): void {
    switch (progress.phase) {
      case 'skip':
        this.stop();
        this.write(`${progress.source}: ${progress.reason} Trying the next source.`);
        break;
      case 'fetch':
        this.advance(
          `Fetching from ${progress.source}`,
          Math.round(progress.bytes / MEGABYTE),
          Math.round(progress.total / MEGABYTE),
          'MB',
        );
        break;
      case 'unpack':
        this.advance('Unpacking and checking', progress.files, progress.total, 'files');
        break;
    }
  }

  /** Ends the line of a bar; safe to call at any time. */
  stop(): void {
    this.bar?.stop();
    this.bar = undefined;
    this.label = '';
  }

  private advance(label: string, value: number, total: number, unit: string): void {
    if (label !== this.label) {
      this.stop();
      this.label = label;
      this.quarters = 0;
      if (this.isTerminal) {
        const format = `${label} {bar} {value}/{total} ${unit} · {percentage} %`;
        this.bar = new SingleBar({ format, hideCursor: true, barsize: 24 }, Presets.shades_classic);
        this.bar.start(total, value);
      }
    }
    if (this.isTerminal) {
      this.bar?.update(value);
      return;
    }
    const quarters = Math.floor((4 * value) / total);
    if (quarters > this.quarters) {
      this.quarters = quarters;
      this.write(`${label}: ${value} of ${total} ${unit}`);
    }
  }
}
