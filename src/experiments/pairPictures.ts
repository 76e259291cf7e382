import { join } from 'node:path';
import type { PAIRS } from '../config/article.js';
import { readHistory } from '../runs/history.js';
import { runFolder } from '../runs/runFolder.js';
import { measuredOn, readRunRecord } from '../runs/runRecord.js';
import { type ReproducePlan, rowConfig, runName } from './reproducePlan.js';

/**
 * Draws two rows beside each other: loss and accuracy, training left, validation right.
 * @returns the path of the PNG
 */
export async function drawPair(
  { name, title, rows }: (typeof PAIRS)[number],
  plan: ReproducePlan,
  folder: string,
): Promise<string> {
  // Loaded by those who draw: it takes a quarter of a second.
  const { comparisonChart } = await import('../plots/curves.js');
  const { savePicture } = await import('../plots/savePicture.js');
  const runs = rows.map((row) => {
    const run = runFolder(join(rowConfig(row, plan).modelsDir, runName(plan, row)));
    return { name: row, history: readHistory(run), measuredOn: measuredOn(readRunRecord(run)) };
  });
  return savePicture(join(folder, name), await comparisonChart(runs, title)).png;
}
