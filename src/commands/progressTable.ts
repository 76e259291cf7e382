import { formatDuration } from '../util/duration.js';
import { percent } from '../util/percent.js';
import { formatTable, print } from './output.js';

/** How far a training is. */
export interface Progress {
  title: string;
  status: string;
  epoch: number;
  /** null where it is not known yet. */
  epochs: number | null;
  accuracy?: number;
  /** Seconds; null where that is not known yet. */
  secondsLeft: number | null;
}

/** Prints how far trainings are, a line each, and what is left in all. */
export function printProgressTable(what: string, rows: readonly Progress[]): void {
  const left = (seconds: number | null): string =>
    seconds === null ? 'not known yet' : formatDuration(seconds);
  const cells = rows.map(({ title, status, epoch, epochs, accuracy, secondsLeft }) => [
    ...[title, status, `${Number(epoch.toFixed(2))}/${epochs ?? '?'}`],
    ...[accuracy === undefined ? '–' : percent(accuracy), secondsLeft === 0 ? '–' : left(secondsLeft)],
  ]);
  const columns = [what, 'status', 'epochs', 'accuracy', 'time left'];
  for (const line of formatTable(columns, cells)) print(line);
  print(`Training left in all: ${left(totalLeft(rows))}`);
}

/** Seconds of all trainings together; null where one's are not known. */
export function totalLeft(rows: readonly Pick<Progress, 'secondsLeft'>[]): number | null {
  const known = rows.map(({ secondsLeft }) => secondsLeft);
  return known.every((seconds) => seconds !== null) ? known.reduce((sum, each) => sum + each, 0) : null;
}
