/**
 * A search of four configurations, handed to a real Slurm by `cifar submit search`: an array a rung, each after the one before, then the winner under fresh
 * seeds; beside the same search in one process.
 *
 *     scripts/test-slurm search [--save]
 *
 * Both must come to the same table, and the winner's trainings to the same weights, bit for bit. --save keeps what happened in results/slurm-search.json.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sha256 } from '../src/util/sha256.js';
import { ROOT } from './lib/earlierProgram.js';
import { writeResults } from './lib/results.js';
import { SlurmCluster } from './lib/slurmCluster.js';

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

const folder = mkdtempSync(join(tmpdir(), 'cifar-slurm-'));
// munged, which is not root, keeps its socket there.
chmodSync(folder, 0o755);
const alone = join(folder, 'alone');
mkdirSync(alone);
for (const place of [folder, alone]) writeFileSync(join(place, 'few.yaml'), SEARCH);

const begun = Date.now();
const transcript: string[] = [];
function tell(line: string): void {
  transcript.push(`${((Date.now() - begun) / 1000).toFixed(0).padStart(4)} s  ${line}`);
  console.log(transcript.at(-1));
}

const cifar = (cwd: string, env: NodeJS.ProcessEnv, ...args: string[]): string =>
  execFileSync(process.execPath, [join(ROOT, 'dist/cli.js'), ...args], {
    ...{ cwd, env, encoding: 'utf8' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });

const cluster = new SlurmCluster(join(folder, 'slurm'));
const collected = join(folder, 'models/plans/few/collect.log');
const isOver = (): boolean =>
  existsSync(collected) && /^Its configuration/m.test(readFileSync(collected, 'utf8'));
try {
  await cluster.start();
  tell(`Slurm ${cluster.run('sinfo', '--version').trim()}, three nodes`);
  const submitted = cifar(
    folder,
    cluster.env,
    'submit',
    'search',
    ...options,
    '--slurm',
    '--cpus',
    '1',
    '--time',
    '10',
  );
  tell(submitted.trim().replaceAll('\n', '; '));
  await cluster.until('the search has come to an end', isOver, 900);
  const lines = cifar(folder, cluster.env, 'status').trim().split('\n');
  for (const line of lines) tell(line);
} finally {
  await cluster.stop();
}

tell('The same search, in one process');
const inOne = cifar(alone, process.env, 'search', ...options, '--threads', '1', '--precision', 'f32');
const linesOf = (text: string): string[] =>
  text.split('\n').filter((line) => /^few-|^Best|^Under/.test(line));
const onCluster = linesOf(readFileSync(collected, 'utf8'));
for (const line of onCluster) tell(line);

function weightsOf(place: string, run: string): string {
  const model = join(place, 'models', run, 'last');
  const [file] = readdirSync(model).filter((name) => name.endsWith('.bin'));
  return sha256(readFileSync(join(model, file)));
}
const tableEqual = onCluster.length === LINES && onCluster.join() === linesOf(inOne).join();
const weightsEqual = ['few-final-s1001', 'few-final-s1002'].every(
  (run) => weightsOf(folder, run) === weightsOf(alone, run),
);
tell(`The table is ${tableEqual ? 'the same' : 'ANOTHER'}; weights ${weightsEqual ? 'equal' : 'DIFFER'}`);
const isFine = tableEqual && weightsEqual;
if (values.save) console.log(writeResults('slurm-search', { tableEqual, weightsEqual, transcript }));
if (isFine) rmSync(folder, { recursive: true, force: true });
else console.log(`What is left of it lies in ${folder}; in one process:\n${inOne}`);
process.exitCode = isFine ? 0 : 1;
