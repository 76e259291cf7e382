/**
 * Training and inference speed of the oneDNN engine beside PyTorch, the bare-primitive limit, and the WebAssembly
 * backend.
 *
 *     npx tsx scripts/bench-engine.ts [--nets bench,deep] [--precisions bf16,f32] [--rounds 7] [--batch n]
 *                                     [--threads 2] [--wasm] [--python /usr/bin/python3] [--save] [--out name]
 *
 * The contestants take turns, so that a slow spell of the machine falls on all alike; of a turn's steps the first, which
 * finds the caches as others have left them, is not counted. Figures are medians of the rounds' ratios. PyTorch's bf16 is
 * the faster of autocast and a bf16 model. `augmented` are our steps as they are in training, with a thread that augments
 * the batches to come; PyTorch is given one batch again and again. A net may also be a recipe (fast94, fast94-muon,
 * fast95, fast96, fast): then its own optimizer and batch are measured, with all images of the batch trained on and
 * whitening's bias at rest, as in all epochs but the first few; other nets train with Adam and a batch of 500. --save
 * keeps the figures in results/<out>.json, by default engine. On a machine that does other work, only the ratios mean
 * anything.
 */
import { parseArgs } from 'node:util';
import { median } from '../src/util/statistics.js';
import { Contestant, type StepAnswer, ourContestant } from './bench-engine/protocol.js';
import { ratiosOf } from './lib/besideFastest.js';
import { networkNamed, recipeNamed } from './lib/recipeNamed.js';
import { type Figure, writeResults } from './lib/results.js';
import { rounded } from './lib/rounded.js';

const { values } = parseArgs({
  options: {
    nets: { type: 'string', default: 'bench,deep' },
    precisions: { type: 'string', default: 'bf16,f32' },
    rounds: { type: 'string', default: '7' },
    batch: { type: 'string' },
    threads: { type: 'string', default: '2' },
    wasm: { type: 'boolean', default: false },
    python: { type: 'string', default: '/usr/bin/python3' },
    save: { type: 'boolean', default: false },
    out: { type: 'string', default: 'engine' },
  },
});
const { threads, python } = values;
const rounds = Number(values.rounds);
if (!(Number.isInteger(rounds) && rounds >= 1)) throw new RangeError('--rounds needs an integer from 1.');

const environment = { OMP_NUM_THREADS: threads };

/** Images of a step: as asked, else a recipe's own number. */
function batchOf(net: string): string {
  return values.batch ?? String(recipeNamed(net)?.batchSize ?? 500);
}

const tfjs = (backend: string, precision: string, net: string, size = batchOf(net)): Contestant =>
  ourContestant(backend, { backend, precision, net, batch: size, threads });
const pytorch = (mode: string, net: string): Contestant =>
  new Contestant(
    `pytorch ${mode}`,
    python,
    ['scripts/bench-engine/pytorch.py', mode, networkNamed(net), batchOf(net), threads],
    environment,
  );

/** Seconds by contestant and round. */
type Times = Record<string, number[]>;

async function measure(net: string, precision: string): Promise<{ [name: string]: Figure }> {
  const ours = tfjs('onednn', precision, net);
  const rivals = (precision === 'f32' ? ['f32'] : ['autocast', 'bf16']).map((mode) => pytorch(mode, net));
  const all = [ours, ...rivals];
  for (const contestant of all) {
    // Compile, allocate, warm up.
    for (let i = 0; i < 2; i++) await contestant.ask<StepAnswer>('step');
    await contestant.ask('predict');
  }
  await ours.ask('limit');
  await ours.ask('augmented');
  const step: Times = { limit: [], augmented: [] };
  const predict: Times = {};
  for (const { name } of all) [step[name], predict[name]] = [[], []];
  for (let i = 0; i < rounds; i++) {
    for (const contestant of all) {
      step[contestant.name].push(await contestant.turn('step'));
      if (contestant !== ours) continue;
      for (const command of ['limit', 'augmented']) {
        step[command].push((await ours.ask<StepAnswer>(command)).seconds);
      }
    }
    for (const contestant of all) predict[contestant.name].push(await contestant.turn('predict'));
  }
  const profile = await ours.ask<Figure>('profile');
  const memory = await ours.ask<{ peakBytes: number }>('memory');
  for (const contestant of all) await contestant.end();

  const best = rivals.map(({ name }) => name).toSorted((a, b) => median(step[a]) - median(step[b]))[0];
  const ratio = (times: Times, other: string, name = 'onednn'): number =>
    rounded(median(ratiosOf(times[other], times[name])));
  const rate = (times: Times, name: string): number => rounded(Number(batchOf(net)) / median(times[name]), 1);
  return {
    net,
    precision,
    batch: Number(batchOf(net)),
    imagesPerSecond: {
      onednn: rate(step, 'onednn'),
      augmented: rate(step, 'augmented'),
      limit: rate(step, 'limit'),
      ...Object.fromEntries(rivals.map(({ name }) => [name, rate(step, name)])),
    },
    trainingOverPyTorch: ratio(step, best),
    fasterPyTorch: best,
    shareOfLimit: ratio(step, 'limit'),
    augmented: {
      trainingOverPyTorch: ratio(step, best, 'augmented'),
      shareOfLimit: ratio(step, 'limit', 'augmented'),
    },
    inference: {
      onednn: rate(predict, 'onednn'),
      pytorch: rate(predict, best),
      overPyTorch: ratio(predict, best),
    },
    peakGiB: rounded(memory.peakBytes / 2 ** 30, 2),
    profile,
  };
}

async function measureWasm(net: string): Promise<{ [name: string]: Figure }> {
  // Ten seconds an image's worth of patience: a small batch is enough for a rate.
  const size = '20';
  const wasm = tfjs('wasm', 'f32', net, size);
  await wasm.ask('step');
  const seconds: number[] = [];
  for (let i = 0; i < 3; i++) seconds.push((await wasm.ask<StepAnswer>('step')).seconds);
  await wasm.end();
  return { net, batch: Number(size), imagesPerSecond: rounded(Number(size) / median(seconds), 1) };
}

const measured: Figure[] = [];
const wasm: Figure[] = [];
for (const net of values.nets.split(',')) {
  for (const precision of values.precisions.split(',')) {
    const result = await measure(net, precision);
    measured.push(result);
    console.log(JSON.stringify({ ...result, profile: null }));
  }
  if (values.wasm) {
    const result = await measureWasm(net);
    wasm.push(result);
    console.log(JSON.stringify(result));
  }
}
if (values.save) writeResults(values.out, { threads: Number(threads), rounds, measured, wasm });
