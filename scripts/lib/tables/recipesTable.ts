import { SHOWN, probabilityAtThreshold, summarize } from '../../../src/experiments/significance.js';
import type { RecipeName } from '../../../src/config/recipeNames.js';
import { percent } from '../../../src/util/percent.js';
import { markdownTable } from './markdown.js';
import { isShared, recipeResults, timeTaken } from './recipeResult.js';
import { stepMinutes } from './stepMinutes.js';

const MAIN: readonly RecipeName[] = ['fast94', 'fast94-muon', 'fast', 'fast96'];

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
  const results = recipeResults(folder).filter(({ recipe }) => which === 'all' || MAIN.includes(recipe));
  const rows = results.map(({ recipe, goal, command, machine, figures }) => {
    const { runs, accuracy, trainingSeconds, petaflop, ensemble } = figures;
    const accuracies = runs.map(({ ttaAccuracy }) => ttaAccuracy);
    const { mean, deviation } = summarize(accuracies);
    const spread = deviation === null ? '' : ` ± ${(100 * deviation).toFixed(2)}`;
    const all =
      runs.length > 1
        ? `${percent(ensemble.accuracy)}, ${timeTaken(figures, ensemble.trainingSeconds)}`
        : '–';
    const alone = isShared(figures) ? stepMinutes(folder, recipe, machine.cpu) : undefined;
    const undisturbed = alone === undefined ? '' : `; its steps alone ${alone.toFixed(1)} min`;
    return [
      `\`${recipe}\``,
      `**${percent(mean)}${spread}** (${runs.length})`,
      percent(accuracy.mean),
      judged(accuracies, goal),
      `**${timeTaken(figures, trainingSeconds)}**${undisturbed}, ${petaflop.toPrecision(2)} PFLOP`,
      all,
      `\`${command}\``,
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
