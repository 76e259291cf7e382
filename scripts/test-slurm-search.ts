/**
 * A search of four configurations, handed to a real Slurm by `cifar submit search`: an array a rung, each after the one before, then the winner under fresh
 * seeds; beside the same search in one process.
 *
 *     scripts/test-slurm search [--save]
 *
 * Both must come to the same table, and the winner's trainings to the same weights, bit for bit. --save keeps what happened in results/slurm-search.json.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from './lib/earlierProgram.js';
import { writeResults } from './lib/results.js';
import { SlurmTrial } from './lib/slurmTrial.js';
import { weightsSum } from './lib/weightsSum.js';

const { values } = parseArgs({ options: { save: { type: 'boolean', default: false } } });

/** Of which one diverges. */
const SEARCH = `
base: { model: fast-proxy-muon, batchSize: 50, augment: fast, epochs: 4, limitTrain: 1000, validationSplit: 0.2, optimizer: sgd, weightDecay: 10 }
space: { learningRate: [0.01, 0.001, 0.0001, 100000] }
eta: 2
rungs: [1, 4]
finalSeeds: 2
`;
const options = ['few.yaml', '--limit-test', '500', '--data-dir', join(ROOT, 'data')];
/** Four lines of the table, the winner, and its figure. */
const LINES = 6;

const trial = new SlurmTrial();
const { folder, alone, cluster } = trial;
for (const place of [folder, alone]) writeFileSync(join(place, 'few.yaml'), SEARCH);

const collected = join(folder, 'models/plans/few/collect.log');
const isOver = (): boolean =>
  existsSync(collected) && /^Its configuration/m.test(readFileSync(collected, 'utf8'));
try {
  await cluster.start();
  trial.tell(`Slurm ${cluster.run('sinfo', '--version').trim()}, three nodes`);
  const submitted = trial.onCluster('submit', 'search', ...options, '--slurm', '--cpus', '1', '--time', '10');
  trial.tell(submitted.trim().replaceAll('\n', '; '));
  await cluster.until('the search has come to an end', isOver, 900);
  const lines = trial.onCluster('status').trim().split('\n');
  for (const line of lines) trial.tell(line);
} finally {
  await cluster.stop();
}

trial.tell('The same search, in one process');
const inOne = trial.withoutSlurm('search', ...options, '--threads', '1', '--precision', 'f32');
const linesOf = (text: string): string[] =>
  text.split('\n').filter((line) => /^few-|^Best|^Under/.test(line));
const onCluster = linesOf(readFileSync(collected, 'utf8'));
for (const line of onCluster) trial.tell(line);

const tableEqual = onCluster.length === LINES && onCluster.join() === linesOf(inOne).join();
const weightsEqual = ['few-final-s1001', 'few-final-s1002'].every(
  (run) => weightsSum(join(folder, 'models', run)) === weightsSum(join(alone, 'models', run)),
);
trial.tell(
  `The table is ${tableEqual ? 'the same' : 'ANOTHER'}; weights ${weightsEqual ? 'equal' : 'DIFFER'}`,
);
const isFine = tableEqual && weightsEqual;
if (values.save)
  console.log(writeResults('slurm-search', { tableEqual, weightsEqual, transcript: trial.transcript }));
if (isFine) trial.remove();
else console.log(`What is left of it lies in ${folder}; in one process:\n${inOne}`);
process.exitCode = isFine ? 0 : 1;
