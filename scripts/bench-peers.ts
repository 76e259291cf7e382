/**
 * Training steps and inference beside another program of today, taking turns on the same machine.
 *
 *     npx tsx scripts/bench-peers.ts --python /tmp/torch/bin/python [--program pytorch|keras] [--nets bench,deep,fast94-muon,fast95-muon,fast96]
 *                                    [--precision f32|bf16] [--rounds 3] [--threads 2] [--save] [--known]
 *
 * scripts/bench-peers/setup makes the environment. Same network, loss, optimizer, batch and threads, weights in f32. Each way that the
 * program can take (eager or compiled, jemalloc, threads that wait passively) has a first turn; the fastest two then take turns with ours,
 * and the faster of them counts. A turn's first step, which finds the caches as others have left them, is not counted. What compiling takes
 * is told apart. --save adds the figures to results/peers.json; with --known, first turns are taken from there where this processor has
 * had them with the same version of the program.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { median } from '../src/util/statistics.js';
import { Contestant, type StepAnswer, ourContestant } from './bench-engine/protocol.js';
import { kernelsOf } from './bench-peers/kernels.js';
import { networkNamed, recipeNamed } from './lib/recipeNamed.js';
import { besideFastest, ratiosOf } from './lib/besideFastest.js';
import { type Figure, addFigures, earlierFigures, provenance } from './lib/results.js';
import { rounded } from './lib/rounded.js';

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    program: { type: 'string', default: 'pytorch' },
    nets: { type: 'string', default: 'bench,deep,fast94-muon,fast95-muon,fast96' },
    precision: { type: 'string', default: 'f32' },
    rounds: { type: 'string', default: '3' },
    threads: { type: 'string', default: '2' },
    save: { type: 'boolean', default: false },
    known: { type: 'boolean', default: false },
  },
});
const { precision, threads } = values;
if (values.python === undefined)
  throw new Error('--python: expected the interpreter of an environment made by scripts/bench-peers/setup.');
const interpreter: string = values.python;
const rounds = Number(values.rounds);
if (!(Number.isInteger(rounds) && rounds >= 1)) throw new RangeError('--rounds needs an integer from 1.');

const PROGRAMS = {
  pytorch: {
    file: 'scripts/bench-engine/pytorch.py',
    modes: precision === 'f32' ? ['f32', 'compile-f32'] : ['autocast', 'compile-autocast'],
  },
  keras: { file: 'scripts/bench-peers/keras_steps.py', modes: [precision, `jit-${precision}`] },
};
const program = PROGRAMS[values.program as keyof typeof PROGRAMS];

const JEMALLOC = ['x86_64', 'aarch64']
  .map((machine) => `/usr/lib/${machine}-linux-gnu/libjemalloc.so.2`)
  .find(existsSync);
const ENVIRONMENTS: Readonly<Record<string, NodeJS.ProcessEnv>> = {
  plain: {},
  passive: { OMP_WAIT_POLICY: 'PASSIVE' },
  ...(JEMALLOC !== undefined && { jemalloc: { LD_PRELOAD: JEMALLOC } }),
};

const batchOf = (net: string): number => recipeNamed(net)?.batchSize ?? 500;

const argsOf = (mode: string, net: string): string[] => [
  ...[program.file, mode, networkNamed(net), String(batchOf(net)), threads],
];

const ours = (net: string): Contestant =>
  ourContestant('cifar', { backend: 'onednn', precision, net, batch: String(batchOf(net)), threads });

/** A way to run the program: one of its modes, in an environment. */
interface Way {
  name: string;
  mode: string;
  variables: NodeJS.ProcessEnv;
}

function start({ name, mode, variables }: Way, net: string): Contestant {
  const environment = { OMP_NUM_THREADS: threads, TF_CPP_MIN_LOG_LEVEL: '3', ...variables };
  return new Contestant(name, interpreter, argsOf(mode, net), environment);
}

/** What is known of a way from its first turn. */
type FirstTurn = Way & { compiling: number; seconds: number; knownOf?: string };

/** Seconds of a way's first step, compiling included, and of its first turn; alone, since several take more memory than there is. */
async function firstTurn(way: Way, net: string): Promise<FirstTurn> {
  const contestant = start(way, net);
  const compiling = (await contestant.ask<StepAnswer>('step')).seconds;
  await contestant.ask('step');
  const seconds = await contestant.turn('step');
  await contestant.end();
  return { ...way, compiling, seconds };
}

const cpu = os.cpus()[0].model.trim();

/** The first turns of the latest measurement of this kind on this processor. @param instructions of it, by oneDNN's name */
function knownTurn(way: Way, net: string, instructions: string): FirstTurn | undefined {
  const groups = Object.values(earlierFigures('peers')) as Record<string, Measured | undefined>[];
  const measured = groups.flatMap((group) => group[net] ?? []);
  const last = measured
    .filter((one) => one.program === values.program && one.precision === precision)
    .filter((one) => one.cpu === cpu && one.instructions === instructions)
    .findLast(({ firstTurn }) => way.name in firstTurn);
  if (last === undefined) return undefined;
  const { imagesPerSecond, firstStepSeconds } = last.firstTurn[way.name];
  const seconds = batchOf(net) / imagesPerSecond;
  return { ...way, compiling: firstStepSeconds, seconds, knownOf: last.version };
}

/** Of our side. */
interface Library {
  /** Version of oneDNN. */
  library: string;
  /** Of the processor, by oneDNN's name. */
  instructions: string;
}

interface Measured extends Library {
  [name: string]: Figure;
  program: string;
  version: string;
  precision: string;
  cpu: string;
  firstTurn: Record<string, { imagesPerSecond: number; firstStepSeconds: number }>;
}

async function measure(net: string): Promise<Measured> {
  const own = ours(net);
  const { library, instructions } = await own.ask<Library>('memory');
  const first: FirstTurn[] = [];
  for (const mode of program.modes) {
    for (const [environment, variables] of Object.entries(ENVIRONMENTS)) {
      const way = { name: `${mode}, ${environment}`, mode, variables };
      first.push(
        (values.known ? knownTurn(way, net, instructions) : undefined) ?? (await firstTurn(way, net)),
      );
    }
  }
  const rivals = first
    .toSorted((a, b) => a.seconds - b.seconds)
    .slice(0, 2)
    .map((way) => ({ name: way.name, contestant: start(way, net) }));
  const all = [{ name: own.name, contestant: own }, ...rivals];
  for (const { contestant } of all) {
    for (let i = 0; i < 2; i++) await contestant.ask('step');
  }
  const step = new Map<string, number[]>(all.map(({ name }) => [name, []]));
  const predict = new Map<string, number[]>(all.map(({ name }) => [name, []]));
  await own.ask('limit');
  const limit: number[] = [];
  for (let i = 0; i < rounds; i++) {
    for (const { name, contestant } of all) step.get(name)?.push(await contestant.turn('step'));
    limit.push((await own.ask<StepAnswer>('limit')).seconds);
    for (const { name, contestant } of all) predict.get(name)?.push(await contestant.turn('predict'));
  }
  const { version } = await rivals[0].contestant.ask<{ version: string }>('memory');
  if (first.some(({ knownOf }) => knownOf !== undefined && knownOf !== version)) {
    throw new Error(`--known: the first turns in results/peers.json are of another version than ${version}.`);
  }
  for (const { contestant } of all) await contestant.end();
  const ways = rivals.map(({ name }) => name);
  const training = besideFastest(step, own.name, ways, batchOf(net));
  const { fastestWay } = training;
  return {
    ...{ net, program: values.program, precision, batch: batchOf(net), version, cpu, instructions, library },
    ...provenance(),
    training,
    limitOverPeer: rounded(median(ratiosOf(step.get(fastestWay) ?? [], limit))),
    inference: besideFastest(predict, own.name, ways, batchOf(net)),
    firstTurn: Object.fromEntries(
      first.map(({ name, seconds, compiling }) => [
        name,
        { imagesPerSecond: rounded(batchOf(net) / seconds, 1), firstStepSeconds: rounded(compiling, 1) },
      ]),
    ),
    kernels: kernelsOf(
      spawnSync(interpreter, argsOf(fastestWay.split(',')[0], net), {
        input: 'step\nstep\n',
        encoding: 'utf8',
        env: { ...process.env, OMP_NUM_THREADS: threads, ONEDNN_VERBOSE: '1', TF_CPP_MIN_LOG_LEVEL: '3' },
        maxBuffer: 2 ** 28,
      }).stdout,
    ),
  };
}

for (const net of values.nets.split(',')) {
  const figures = await measure(net);
  console.log(JSON.stringify({ ...figures, kernels: null }));
  if (!values.save) continue;
  const { version, library, instructions } = figures;
  const key = `${values.program} ${version}, ${precision}, ${cpu}, ${instructions}, our oneDNN ${library}`;
  console.log(addFigures('peers', key, { [net]: figures }));
}
