import { summarize } from '../../../src/experiments/significance.js';
import { percent } from '../../../src/util/percent.js';
import { markdownTable } from './markdown.js';
import { processorName } from './processorName.js';
import { recipeResults, timeTaken } from './recipeResult.js';
import { readResult } from './resultFile.js';

interface Record {
  name: string;
  by: string;
  accuracy: number;
  trainings: number;
  epochs: number;
  petaflop: number;
  /** On an A100, as published. */
  seconds: number | null;
}

/** The public records and our recipes by arithmetic, as Markdown. */
export function recordsTable(folder: string): string {
  const records = readResult<Record[]>(folder, 'records')?.figures ?? [];
  const others = records.map(({ name, by, accuracy, trainings, epochs, petaflop, seconds }) => ({
    accuracy,
    cells: [
      `${name} (${by})`,
      `${percent(accuracy)} (${trainings})`,
      String(epochs),
      petaflop.toFixed(3),
      seconds === null ? '–' : `${seconds} s, A100`,
    ],
  }));
  const ours = recipeResults(folder).map(({ recipe, machine, figures }) => {
    const { config, runs, petaflop, trainingSeconds } = figures;
    const { mean } = summarize(runs.map(({ ttaAccuracy }) => ttaAccuracy));
    const cells = [
      `**ours, \`${recipe}\`**`,
      `**${percent(mean)} (${runs.length})**`,
      String(config.epochs),
      `**${petaflop.toFixed(3)}**`,
      `${timeTaken(figures, trainingSeconds)}, two cores of ${processorName(machine.cpu)}`,
    ];
    return { accuracy: mean, cells };
  });
  // Those for 94, for 95 and for 96 % stand together.
  const level = ({ accuracy }: { accuracy: number }): number => Math.round(100 * accuracy);
  const rows = [...others, ...ours].sort((a, b) => level(a) - level(b)).map(({ cells }) => cells);
  const columns = ['training', 'accuracy (trainings)', 'epochs', 'PFLOP of one, calculated'];
  return markdownTable([...columns, 'time of one, published or measured'], rows);
}
