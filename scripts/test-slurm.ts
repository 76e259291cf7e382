/**
 * An ensemble of six small networks, handed to a real Slurm by `cifar submit`, while a node dies, a task is requeued, and time limits are met; beside
 * the same ensemble trained here without Slurm.
 *
 *     scripts/test-slurm [--save]
 *
 * All six must finish, with the weights of those trained alone, bit for bit, and the same report. --save keeps what happened in results/slurm.json.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ROOT } from './lib/earlierProgram.js';
import { writeResults } from './lib/results.js';
import { SlurmTrial } from './lib/slurmTrial.js';
import { weightsSum } from './lib/weightsSum.js';

const { values } = parseArgs({ options: { save: { type: 'boolean', default: false } } });

const MEMBERS = 6;
const trial = new SlurmTrial();
const { folder, alone, cluster } = trial;

const options = [
  ...['--members', String(MEMBERS), '--model', 'fast-proxy-muon', '--batch-size', '50', '--augments', 'fast'],
  ...['--epochs', '24', '--limit-train', '1000', '--limit-test', '500', '--validate-every', '10'],
  ...['--passes', '2', '--tta-augment', 'fast', '--data-dir', join(ROOT, 'data'), '--name', 'six'],
];
interface Task {
  title: string;
  status: string;
  epoch: number;
}
const status = (): { tasks: Task[]; jobs: Record<string, string> } =>
  JSON.parse(trial.onCluster('status', '--json')) as {
    tasks: Task[];
    jobs: Record<string, string>;
  };
/** Tasks that run: their number, and their node. */
const running = (): { task: string; node: string }[] =>
  cluster
    .run('squeue', '-h', '-r', '-t', 'RUNNING', '-o', '%i %N')
    .split('\n')
    .filter((line) => line.includes('_'))
    .map((line) => ({ task: line.split(' ')[0], node: line.split(' ')[1] }));

try {
  await cluster.start();
  trial.tell(`Slurm ${cluster.run('sinfo', '--version').trim()}, three nodes`);
  trial.tell(
    trial
      .onCluster(
        ...['submit', 'ensemble', ...options, '--slurm', '--cpus', '1', '--time', '1', '--save-before', '20'],
        ...['--max-requeues', '50', '--array-limit', '3'],
      )
      .trim()
      .replaceAll('\n', '; '),
  );
  const isTraining = (count: number): boolean =>
    status().tasks.filter((task) => task.status === 'running' && task.epoch >= 2).length >= count;
  await cluster.until('two tasks train', () => isTraining(2), 180);

  const [victim, other] = running();
  cluster.killNode(victim.node);
  trial.tell(`node ${victim.node} dies, with task ${victim.task.split('_')[1]} in the middle of an epoch`);
  cluster.run('scontrol', 'requeue', other.task);
  trial.tell(`task ${other.task.split('_')[1]} is cancelled and requeued`);
  await cluster.until(
    'Slurm has seen that the node is gone',
    () => /down|\*/.test(cluster.run('sinfo', '-h', '-n', victim.node, '-o', '%T')),
    120,
  );
  trial.tell(`Slurm has noticed: ${cluster.run('sinfo', '-h', '-o', '%D %T').trim().replaceAll('\n', ', ')}`);
  await setTimeout(5000);
  cluster.startNode(victim.node);

  const last = new Map<string, string>();
  const collected = join(folder, 'models/plans/six/collect.log');
  const isOver = (): boolean => {
    for (const { title, status: now } of status().tasks) {
      if (last.get(title) !== now) trial.tell(`${title}: ${now}`);
      last.set(title, now);
    }
    return existsSync(collected) && /^ensemble of/m.test(readFileSync(collected, 'utf8'));
  };
  await cluster.until('all are trained and summed up', isOver, 1500);
} finally {
  await cluster.stop();
}

trial.tell('The same six, trained here without Slurm');
const same = ['ensemble', 'train', ...options, '--threads', '1', '--precision', 'f32'];
trial.withoutSlurm(...same);
const report = trial.withoutSlurm(...same, '--collect');

const members = Array.from({ length: MEMBERS }, (_, index) => {
  const run = `six-${index}`;
  const { starts } = JSON.parse(readFileSync(join(folder, 'models', run, 'run.json'), 'utf8')) as {
    starts: object[];
  };
  const isEqual = weightsSum(join(folder, 'models', run)) === weightsSum(join(alone, 'models', run));
  const log = readFileSync(join(folder, `models/plans/six/members-${index}.log`), 'utf8');
  const limits = log.match(/Stopping…/g)?.length ?? 0;
  trial.tell(
    `${run}: ${starts.length} starts, ${limits} of them ended by a time limit; weights ${isEqual ? 'equal' : 'DIFFER'}`,
  );
  return { run, starts: starts.length, timeLimits: limits, weightsEqual: isEqual };
});
const figuresOf = (text: string): string[] => text.split('\n').filter((line) => /%/.test(line));
const own = figuresOf(readFileSync(join(folder, 'models/plans/six/collect.log'), 'utf8'));
const reportEqual = own.length > 0 && own.join() === figuresOf(report).join();
trial.tell(
  `The final report is ${reportEqual ? 'that' : 'NOT that'} of cifar ensemble train: ${own.at(-1) ?? ''}`,
);
const isFine =
  reportEqual &&
  members.every(({ weightsEqual }) => weightsEqual) &&
  members.some(({ timeLimits }) => timeLimits > 0);
if (values.save) console.log(writeResults('slurm', { members, reportEqual, transcript: trial.transcript }));
if (isFine) trial.remove();
else console.log(`What is left of it lies in ${folder}.`);
process.exitCode = isFine ? 0 : 1;
