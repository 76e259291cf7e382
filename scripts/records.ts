/**
 * The arithmetic of the public records' trainings by the rule that ours is counted by: two operations (a product and a sum) for each weight of a
 * convolution at each position of its output, three times that for an image's training step (forward, by the input, by the filter), what a proxy
 * takes included, views of the test images not.
 *
 *     npx tsx scripts/records.ts
 *
 * Writes results/records.json; `npm run readme` makes its table.
 */
import '@tensorflow/tfjs-backend-cpu';
import { setBackend } from '@tensorflow/tfjs-core';
import { CIFAR10 } from '../src/dataset/cifar10.js';
import { NETS, type NetName, countFlops } from '../src/nets/index.js';
import { proxyFlops } from '../src/training/hardImages.js';
import { writeResults } from './lib/results.js';

/** Steps on images of one size. */
interface Part {
  steps: number;
  side: number;
}

interface RecordOfOthers {
  name: string;
  by: string;
  /** As published: mean of so many trainings; single network, with its views. */
  accuracy: number;
  trainings: number;
  epochs: number;
  /** On one A100, published. */
  seconds?: number;
  net: NetName;
  /** Images that are trained on at each step. */
  batch: number;
  parts: Part[];
  /** A proxy that looks at so many images a step, and trains on those of `batch` at every fourth. */
  proxy?: { net: NetName; looksAt: number };
}

const full = (steps: number): Part[] => [{ steps, side: 32 }];

const RECORDS: RecordOfOthers[] = [
  {
    ...{ name: 'airbench94', by: 'Jordan 2024', accuracy: 0.9401, trainings: 1000, epochs: 9.9 },
    ...{ seconds: 3.29, net: 'fast94', batch: 1024, parts: full(476) },
  },
  {
    ...{ name: 'airbench94_muon', by: 'Jordan 2024', accuracy: 0.9401, trainings: 200, epochs: 8 },
    ...{ seconds: 2.6, net: 'fast94-muon', batch: 2000, parts: full(200) },
  },
  {
    ...{ name: 'a tune of it', by: 'Hiverge 2025', accuracy: 0.9402, trainings: 200, epochs: 7.65 },
    ...{ net: 'fast94-silu', batch: 1536, parts: full(245) },
  },
  {
    ...{ name: 'E5 at full size', by: '2026', accuracy: 0.9402, trainings: 200, epochs: 7.6875 },
    ...{ net: 'fast94-silu', batch: 1536, parts: full(246) },
  },
  {
    ...{ name: 'E5, 28 → 32 pixels', by: '2026', accuracy: 0.9402, trainings: 200, epochs: 8.25 },
    ...{ net: 'fast94-silu', batch: 1536 },
    parts: [
      { steps: 160, side: 28 },
      { steps: 104, side: 32 },
    ],
  },
  {
    ...{ name: 'E1, 24 → 28 → 32 pixels', by: '2026', accuracy: 0.9405, trainings: 200, epochs: 8.875 },
    ...{ net: 'fast94-silu', batch: 1536 },
    parts: [
      { steps: 96, side: 24 },
      { steps: 96, side: 28 },
      { steps: 92, side: 32 },
    ],
  },
  {
    ...{ name: 'airbench95', by: 'Jordan 2024', accuracy: 0.9501, trainings: 200, epochs: 15 },
    ...{ seconds: 10.4, net: 'fast95', batch: 1024, parts: full(720) },
  },
  {
    ...{ name: 'airbench96', by: 'Jordan 2024', accuracy: 0.9603, trainings: 400, epochs: 37 },
    ...{ seconds: 46.3, net: 'fast96', batch: 1024, parts: full(1776) },
  },
  {
    ...{ name: 'airbench96_faster', by: 'Jordan 2024', accuracy: 0.96, trainings: 200, epochs: 45 },
    ...{ net: 'fast96', batch: 512, parts: full(45 * 48) },
    proxy: { net: 'fast-proxy', looksAt: 1024 },
  },
];

await setBackend('cpu');
const known = new Map<string, number>();
function flopsOf(net: NetName, side: number): number {
  const key = `${net} ${side}`;
  const model = known.has(key) ? undefined : NETS[net].build({ seed: null, dataset: CIFAR10 });
  if (model !== undefined) known.set(key, countFlops(model, [side, side, 3]));
  model?.dispose();
  return known.get(key) as number;
}

const figures = RECORDS.map(({ net, batch, parts, proxy, seconds, ...record }) => {
  const flops = parts.reduce((sum, { steps, side }) => {
    const own = 3 * flopsOf(net, side) * batch * steps;
    if (proxy === undefined) return sum + own;
    const { looksAt } = proxy;
    return (
      sum +
      own +
      proxyFlops({ from: 0, to: steps, looksAt, trainsOn: batch, flops: flopsOf(proxy.net, side) })
    );
  }, 0);
  return { ...record, seconds: seconds ?? null, petaflop: flops / 1e15 };
});
for (const { name, petaflop } of figures) console.log(`${name}: ${petaflop.toFixed(3)} PFLOP`);
console.log(writeResults('records', figures));
