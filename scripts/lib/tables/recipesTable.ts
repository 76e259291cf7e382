import { SHOWN, probabilityAtThreshold, summarize } from '../../../src/experiments/significance.js';
import { percent } from '../../../src/util/percent.js';
import { markdownTable } from './markdown.js';
import { readResult } from './resultFile.js';

interface RecipeFigures {
  config: { epochs: number };
  runs: { ttaAccuracy: number }[];
  accuracy: { mean: number };
  trainingSeconds: number;
  petaflop: number;
  backend: string;
  ensemble: { accuracy: number; trainingSeconds: number };
}

/** What a recipe's mean is held against. */
const GOALS: Readonly<Record<string, number>> = {
  ...{ fast94: 0.94, 'fast94-muon': 0.94, fast: 0.9507, fast96: 0.96 },
  ...{ 'fast94-sgd': 0.94, fast95: 0.95 },
};

const MAIN = ['fast94', 'fast94-muon', 'fast', 'fast96'];

const minutes = (seconds: number): string => `${(seconds / 60).toFixed(1)} min`;

/** Whether a mean is above its goal, and between what the true mean lies. */
function judged(accuracies: readonly number[], goal: number): string {
  const { interval } = summarize(accuracies);
  if (interval === null) return `${percent(goal)}: no saying by one seed`;
  const [low, high] = interval.map((bound) => (100 * bound).toFixed(2));
  const p = probabilityAtThreshold(accuracies, goal) ?? 1;
  return `${percent(goal)}: ${p < SHOWN ? 'shown' : 'not shown'}, p = ${p.toPrecision(2)}; ${low}–${high} %`;
}

/**
 * The recipes whose trainings are kept in a folder of results, as Markdown.
 * @param which those that a reader wants first, or all
 */
export function recipesTable(folder: string, which: 'main' | 'all'): string {
  const rows = Object.entries(GOALS).flatMap(([recipe, goal]) => {
    const result = readResult<RecipeFigures>(folder, recipe);
    if (result === undefined || (which === 'main' && !MAIN.includes(recipe))) return [];
    const { runs, accuracy, trainingSeconds, petaflop, ensemble } = result.figures;
    const accuracies = runs.map(({ ttaAccuracy }) => ttaAccuracy);
    const { mean, deviation } = summarize(accuracies);
    const spread = deviation === null ? '' : ` ± ${(100 * deviation).toFixed(2)}`;
    const all = runs.length > 1 ? `${percent(ensemble.accuracy)}, ${minutes(ensemble.trainingSeconds)}` : '–';
    return [
      [
        `\`${recipe}\``,
        `**${percent(mean)}${spread}** (${runs.length})`,
        percent(accuracy.mean),
        judged(accuracies, goal),
        `**${minutes(trainingSeconds)}**, ${petaflop.toPrecision(2)} PFLOP`,
        all,
        `\`${result.command}\``,
      ],
    ];
  });
  const columns = [
    'recipe',
    'accuracy by six views (seeds)',
    'in one pass',
    'above its goal?',
    'one training',
  ];
  return markdownTable([...columns, 'all seeds averaged', 'command'], rows);
}
