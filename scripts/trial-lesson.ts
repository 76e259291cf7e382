/**
 * What a lesson (`cifar reproduce --budget`) shows, by three of one size with different seeds. The gains go into src/config/lesson.ts.
 *
 *   npx tsx scripts/trial-lesson.ts [--seeds 3] [--models-dir models] [--save]
 */
import { parseArgs } from 'node:util';
import { FINDINGS, LESSON_ROWS, SMALLEST_LESSON, TRIAL, gainOf } from '../src/config/lesson.js';
import { CIFAR10 } from '../src/dataset/cifar10.js';
import { loadTest } from '../src/dataset/load.js';
import { reproduce } from '../src/experiments/reproduce.js';
import { SILENT } from '../src/training/reporter.js';
import { mean, sampleDeviation } from '../src/util/statistics.js';
import { type Figure, writeResults } from './lib/results.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3' },
    'models-dir': { type: 'string', default: 'models' },
    save: { type: 'boolean', default: false },
  },
});
const size = { ...SMALLEST_LESSON, ...TRIAL.size };
const test = loadTest(CIFAR10, { dataDir: 'data', limit: size.limitTest });
const members = {
  member: () => undefined,
  kept: () => undefined,
  pass: () => undefined,
  predicted: () => undefined,
};
const lessons: Record<string, { loss?: number; accuracy: number }>[] = [];
for (let seed = 1; seed <= Number(values.seeds); seed++) {
  const plan = {
    name: `lesson-trial-${seed}`,
    rows: LESSON_ROWS,
    settings: { ...size, seed, modelsDir: values['models-dir'] },
    ...{ passes: 50, members: 1, predictionsDir: 'predictions', budget: 0 },
  };
  const rows = await reproduce(plan, test, {
    ...{ dataset: CIFAR10, reporter: SILENT, members, drawn: () => undefined },
    rowStarted: ({ title }) => console.log(`seed ${seed}: ${title}`),
  });
  const measured = rows.flatMap(({ id, measured: one }) => (one === undefined ? [] : [[id, one] as const]));
  lessons.push(Object.fromEntries(measured));
  console.log(JSON.stringify(lessons.at(-1)));
}
const gains = FINDINGS.map((finding) => {
  const { title, rows: ids, in: figure } = finding;
  const bySeed = lessons.map((rows) => {
    const [without, withIt] = ids.map((id) => rows[id][figure] ?? NaN);
    return gainOf(finding, without, withIt);
  });
  const gain = { in: figure, bySeed, mean: mean(bySeed), deviation: sampleDeviation(bySeed) };
  console.log(title, JSON.stringify(gain));
  return [title, gain] as const;
});
const figures: Figure = {
  ...{ size, passes: 50, lessons: lessons as Figure },
  gains: Object.fromEntries(gains) as Figure,
};
if (values.save) console.log(writeResults('lesson', figures));
