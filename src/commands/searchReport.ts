import { join } from 'node:path';
import type { BenchmarkResult } from '../experiments/benchmark.js';
import type { TrialResult } from '../experiments/search/rungs.js';
import type { Search } from '../experiments/search/searchFile.js';
import { percent } from '../util/percent.js';
import { formatTable } from './output.js';

export const wordsOf = (values: TrialResult['values']): string =>
  Object.entries(values)
    .map(([key, value]) => `${key} ${String(value)}`)
    .join(', ');

/** A line a configuration. */
export function searchTable(results: readonly TrialResult[]): string[] {
  const keys = Object.keys(results[0].values) as (keyof TrialResult['values'])[];
  const rows = results.map(({ run, epochs, accuracy, status, values }) => [
    run,
    String(epochs),
    accuracy === null ? status : percent(accuracy),
    ...keys.map((key) => String(values[key])),
  ]);
  return formatTable(['run', 'epochs', 'held-out accuracy', ...keys], rows);
}

/** Draws what each option's values came to; returns the picture's path. */
export async function drawSearch(
  modelsDir: string,
  { name }: Search,
  results: readonly TrialResult[],
): Promise<string> {
  const { searchChart } = await import('../plots/searchChart.js');
  const { savePicture } = await import('../plots/savePicture.js');
  const points = results.flatMap(({ accuracy, ...rest }) =>
    accuracy === null ? [] : [{ ...rest, accuracy }],
  );
  return savePicture(join(modelsDir, `${name}-search`), await searchChart(name, points)).png;
}

/** What the winner came to under fresh seeds. */
export function finalWords({ runs, ttaAccuracy: { mean, deviation } }: BenchmarkResult, of: number): string {
  const spread = deviation === null ? '' : ` ± ${(100 * deviation).toFixed(2)}`;
  const seeds = of === 1 ? 'one fresh seed' : `${of} fresh seeds`;
  const part = runs.length === of ? '' : `${runs.length} of `;
  return `Under ${part}${seeds}, on the test images: ${percent(mean)}${spread}`;
}
