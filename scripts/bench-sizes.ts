/**
 * What a training step costs on images of several sizes (--image-sizes), beside the bare convolutions and matrix products of the same step, and
 * beside the arithmetic: in turn, so that a slow spell of the machine falls on all alike.
 *
 *     npx tsx scripts/bench-sizes.ts [--net fast94] [--batch 768] [--sides 32,28,24,20] [--precision f32] [--rounds 5] [--threads 2] [--save]
 *
 * --save keeps the figures in results/sizes.json.
 */
import os from 'node:os';
import { parseArgs } from 'node:util';
import { CIFAR10 } from '../src/dataset/cifar10.js';
import { selectBackend } from '../src/engine/select.js';
import { NETS, type NetName, countFlops } from '../src/nets/index.js';
import { median } from '../src/util/statistics.js';
import { type StepAnswer, ourContestant } from './bench-engine/protocol.js';
import { ratiosOf } from './lib/besideFastest.js';
import { networkNamed } from './lib/recipeNamed.js';
import { type Figure, earlierFigures, writeResults } from './lib/results.js';
import { rounded } from './lib/rounded.js';

const { values } = parseArgs({
  options: {
    net: { type: 'string', default: 'fast94' },
    // All sizes are in memory at once.
    batch: { type: 'string', default: '768' },
    sides: { type: 'string', default: '32,28,24,20' },
    precision: { type: 'string', default: 'f32' },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    save: { type: 'boolean', default: false },
  },
});
const { net, precision, threads } = values;
const sides = values.sides.split(',').map(Number);
const batchSize = Number(values.batch);
const model = networkNamed(net);

const contestants = sides.map((side) => {
  const what = { backend: 'onednn', precision, net, batch: String(batchSize), threads, side: String(side) };
  const contestant = ourContestant(`${side} pixels`, what);
  return { side, contestant, steps: [] as number[], limits: [] as number[] };
});
for (const { contestant } of contestants) {
  for (let i = 0; i < 2; i++) await contestant.ask('step');
  await contestant.ask('limit');
}
for (let round = 0; round < Number(values.rounds); round++) {
  for (const { contestant, steps, limits } of contestants) {
    steps.push(await contestant.turn('step'));
    limits.push((await contestant.ask<StepAnswer>('limit')).seconds);
  }
}
for (const { contestant } of contestants) await contestant.end();

await selectBackend('cpu');
const built = NETS[model as NetName].build({ seed: null, dataset: CIFAR10 });
const [full] = contestants;
const ratio = (a: readonly number[], b: readonly number[]): number => rounded(median(ratiosOf(a, b)));
const figures = contestants.map(({ side, steps, limits }) => ({
  side,
  stepSeconds: rounded(median(steps)),
  shareOfLimit: ratio(limits, steps),
  timeOverFirst: ratio(steps, full.steps),
  arithmeticOverFirst: rounded(
    countFlops(built, [side, side, 3]) / countFlops(built, [full.side, full.side, 3]),
  ),
}));
for (const figure of figures) console.log(JSON.stringify(figure));
if (values.save) {
  const key = `${net} ${precision}, ${os.cpus()[0].model.trim()}`;
  const group: Figure = { batch: batchSize, rounds: Number(values.rounds), sides: figures };
  console.log(writeResults('sizes', { ...earlierFigures('sizes'), [key]: group }));
}
