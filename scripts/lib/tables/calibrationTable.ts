import { percent } from '../../../src/util/percent.js';
import { mean } from '../../../src/util/statistics.js';
import { markdownTable } from './markdown.js';
import { readResult } from './resultFile.js';

interface Worth {
  accuracy: number;
  trained: { expectedError: number };
  calibrated: { expectedError: number };
}

/** A recipe's part of results/calibration.json. */
interface Calibrated {
  command: string;
  temperatures: { single: number; views: number; ensemble: number };
  heldOut: { runs: { views: Worth }[] };
  /** Of the same networks, with temperatures that were frozen before; undefined until then. */
  onTest?: { single: Worth[]; views: Worth[]; ensemble?: Worth };
}

/** Calibration errors as trained and at a temperature: of networks on one road, means. */
function change(road: readonly Worth[], temperature: number): string {
  if (road.length === 0) return '–';
  const [trained, calibrated] = (['trained', 'calibrated'] as const).map((which) =>
    percent(mean(road.map((worth) => worth[which].expectedError)), 1),
  );
  return `${trained} → ${calibrated}, at ${temperature.toFixed(3)}`;
}

const views = (worths: readonly Worth[]): string => percent(mean(worths.map(({ accuracy }) => accuracy)));

/** What the certainty of each recipe's networks is worth, as Markdown. */
export function calibrationTable(folder: string): string {
  const figures = readResult<Record<string, Calibrated>>(folder, 'calibration')?.figures ?? {};
  const rows = Object.entries(figures).flatMap(([recipe, { command, temperatures, heldOut, onTest }]) => {
    if (onTest === undefined) return [];
    const { single, views: six, ensemble } = onTest;
    return [
      [
        `\`${recipe}\` (${single.length})`,
        views(heldOut.runs.map((run) => run.views)),
        views(six),
        change(single, temperatures.single),
        change(six, temperatures.views),
        change(ensemble === undefined ? [] : [ensemble], temperatures.ensemble),
        `\`${command}\`, then \`--test\``,
      ],
    ];
  });
  const columns = ['recipe (trainings)', 'held-out images', 'test images', 'off in one look', 'by six views'];
  return markdownTable([...columns, 'all averaged', 'command'], rows);
}
