/**
 * The article's rows as they were run: from the runs' own records to results/article.json, with the pictures of the pairs.
 *
 *   npx tsx scripts/article.ts [--name reproduce] [--models-dir models] [--predictions-dir predictions]
 */
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PAIRS, ROWS } from '../src/config/article.js';
import { trainedRow } from '../src/experiments/reproducePlan.js';
import { runFolder } from '../src/runs/runFolder.js';
import { readRunRecord } from '../src/runs/runRecord.js';
import type { ArticleRow } from './lib/tables/articleTable.js';
import { ROOT } from './lib/earlierProgram.js';
import { type Figure, writeResults } from './lib/results.js';

const { values } = parseArgs({
  options: {
    name: { type: 'string', default: 'reproduce' },
    'models-dir': { type: 'string', default: 'models' },
    'predictions-dir': { type: 'string', default: 'predictions' },
  },
});
const { name, 'models-dir': modelsDir, 'predictions-dir': predictionsDir } = values;
const table = JSON.parse(readFileSync(join(predictionsDir, `${name}.json`), 'utf8')) as {
  rows: { id: string; measured?: { loss?: number; accuracy: number } }[];
};

const rows = ROWS.filter(({ id }) => id !== 'ensemble').flatMap(({ id, title, published }) => {
  const measured = table.rows.find((row) => row.id === id)?.measured;
  if (measured === undefined) return [];
  const record = readRunRecord(runFolder(join(modelsDir, `${name}-${trainedRow(id)}`)));
  const { config, starts, forkedFrom, othersCores = 0, hardware } = record;
  const precisions = [...new Set(starts.map(({ precision }) => precision))];
  const row: ArticleRow = {
    ...{ id, title, published, ...measured },
    ...{ epochs: config.epochs, seed: config.seed, precision: precisions.join(' and ') },
    seconds: Math.round(record.trainingSeconds - (forkedFrom?.trainingSeconds ?? 0)),
    petaflop: record.petaflop,
    ...(forkedFrom && { sharedWith: forkedFrom.run }),
    command: `npx cifar reproduce --rows ${id} --validate-every ${config.validateEvery} --precision ${precisions[0] ?? 'auto'}`,
  };
  const made = {
    commits: [...new Set(starts.map(({ commit }) => commit))],
    machine: { ...hardware },
    othersCores,
  };
  return [{ ...row, ...made }];
});
if (rows.length === 0) throw new Error(`No row of ${name} has been run to its end.`);
console.log(writeResults('article', { rows: rows as unknown as Figure }));
for (const { name: pair } of PAIRS) {
  const picture = join(predictionsDir, name, `${pair}.svg`);
  if (existsSync(picture)) copyFileSync(picture, join(ROOT, 'results', `article-${pair}.svg`));
}
