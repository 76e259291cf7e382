/**
 * Training steps on WebGPU: what they dispatch and move, what JavaScript costs of them, and how much faster they are than by tfjs's own
 * kernels under the same training.
 *
 *     npx tsx scripts/bench-webgpu.ts [--nets bench,fast94-muon,deep] [--batch 128] [--rounds 3] [--faster bench,fast94-muon]
 *                                     [--save]
 *
 * Dispatches, bytes and JavaScript are counted on Dawn's null device, which computes nothing and has little memory; bytes of larger batches and
 * speeds are of the machine's own device (--batch images), the two sorts of kernels in turn. A software device needs
 * CIFAR_WEBGPU_SOFTWARE=1; how fast that is says little of a graphics card. --save keeps the figures in results/webgpu.json, speeds by processor.
 */
import os from 'node:os';
import { parseArgs } from 'node:util';
import { median } from '../src/util/statistics.js';
import type { DeviceReport } from '../src/engine/webgpu/profiler.js';
import { Contestant, type StepAnswer } from './bench-engine/protocol.js';
import { type Figure, earlierFigures, writeResults } from './lib/results.js';
import { rounded } from './lib/rounded.js';

const { values } = parseArgs({
  options: {
    nets: { type: 'string', default: 'bench,fast94-muon,deep' },
    batch: { type: 'string', default: '128' },
    rounds: { type: 'string', default: '3' },
    faster: { type: 'string', default: 'bench,fast94-muon' },
    save: { type: 'boolean', default: false },
  },
});
/** Images that fit the null device. */
const COUNTED: Readonly<Record<string, string>> = { bench: '64', 'fast94-muon': '96', deep: '16' };
/** Nearer to a training's, where weights count for less; a step of these takes a software device a minute or two. */
const LARGE: Readonly<Record<string, string>> = { 'fast94-muon': '250', deep: '48' };

const list = (text: string): string[] => text.split(',').filter((one) => one !== '');

/** Our kernels with activations in 32 or in 16 bits, or tfjs's. */
type Kernels = 'own' | 'half' | 'stock';

const contestant = (kernels: Kernels, net: string, batch: string, environment = {}): Contestant =>
  new Contestant(
    `${kernels} ${net}`,
    process.execPath,
    ['--import', 'tsx', 'scripts/bench-webgpu/contestant.ts', kernels, net, batch],
    environment,
  );

/** A device that computes nothing. */
const NOTHING = { CIFAR_WEBGPU_DAWN: 'backend=null', CIFAR_WEBGPU_SOFTWARE: '1' };

const sum = (kernels: DeviceReport['kernels'], key: 'dispatches' | 'bytes' | 'leastBytes'): number =>
  kernels.reduce((total, kernel) => total + kernel[key], 0);

/** What a training's step dispatches and moves: its second one, since a first copies weights and moments to where they stay. */
async function profiled(ours: Contestant): Promise<DeviceReport['kernels']> {
  await ours.ask('step');
  return (await ours.ask<DeviceReport>('profile')).kernels;
}

const movedOverLeast = (kernels: DeviceReport['kernels']): number =>
  rounded(sum(kernels, 'bytes') / sum(kernels, 'leastBytes'));

/** The same, of activations in 16 bits; megabytes in 16 over those in 32. */
async function countHalf(net: string, bytes: number): Promise<Figure> {
  const ours = contestant('half', net, COUNTED[net] ?? '16', NOTHING);
  const kernels = await profiled(ours);
  await ours.end();
  return { dispatches: sum(kernels, 'dispatches'), movedOverF32: rounded(sum(kernels, 'bytes') / bytes) };
}

/** The same, of a batch that is nearer to a training's, on a device that has the memory. */
async function countLarge(net: string): Promise<Figure> {
  const ours = contestant('own', net, LARGE[net]);
  const kernels = await profiled(ours);
  await ours.end();
  return {
    batch: Number(LARGE[net]),
    dispatches: sum(kernels, 'dispatches'),
    movedOverLeast: movedOverLeast(kernels),
  };
}

/** Of one step: what is dispatched, what of memory is moved, and milliseconds of the processor, by a device that computes nothing. */
async function count(net: string): Promise<Figure> {
  const ours = contestant('own', net, COUNTED[net] ?? '16', NOTHING);
  const kernels = await profiled(ours);
  const javascript = await ours.ask<Record<string, number>>('javascript');
  const memory = await ours.ask<{ bytes: number[]; tensors: number[] }>('memory');
  await ours.end();
  const { idle = 0, ...busy } = javascript;
  const total = Object.values(busy).reduce((all, ms) => all + ms, 0);
  return {
    batch: Number(COUNTED[net] ?? '16'),
    dispatches: sum(kernels, 'dispatches'),
    movedOverLeast: movedOverLeast(kernels),
    ...(net in LARGE && { atLargerBatch: await countLarge(net) }),
    in16Bits: await countHalf(net, sum(kernels, 'bytes')),
    after50And500Steps: memory,
    javascriptMs: rounded(total, 1),
    idleMs: rounded(idle, 1),
    javascriptByOwner: Object.fromEntries(Object.entries(busy).map(([owner, ms]) => [owner, rounded(ms, 1)])),
    kernels: kernels.map(({ name, dispatches, bytes, leastBytes }) => ({
      ...{
        name,
        dispatches,
        megabytes: rounded(bytes / 1e6, 1),
        leastMegabytes: rounded(leastBytes / 1e6, 1),
      },
    })),
  };
}

async function compare(net: string): Promise<Figure> {
  const both = { own: contestant('own', net, values.batch), stock: contestant('stock', net, values.batch) };
  const seconds: Record<'own' | 'stock', number[]> = { own: [], stock: [] };
  // The first step compiles.
  for (const one of Object.values(both)) await one.ask('step');
  for (let i = 0; i < Number(values.rounds); i++) {
    for (const kind of ['own', 'stock'] as const) {
      seconds[kind].push((await both[kind].ask<StepAnswer>('step')).seconds);
    }
  }
  for (const one of Object.values(both)) await one.end();
  const ratios = seconds.own.map((own, i) => seconds.stock[i] / own);
  return {
    batch: Number(values.batch),
    overStock: rounded(median(ratios)),
    ratios: ratios.map((ratio) => rounded(ratio)),
  };
}

const OVER_STOCK = "over tfjs's kernels";
const isComparison = ([name]: [string, Figure]): boolean => name.includes(OVER_STOCK);
// Speeds are a processor's: those of others are kept.
const figures: Record<string, Figure> = Object.fromEntries(
  Object.entries(earlierFigures('webgpu')).filter(isComparison),
);
for (const net of list(values.nets)) {
  const counted = await count(net);
  console.log(net, JSON.stringify(counted));
  figures[net] = counted;
}
for (const net of list(values.faster)) {
  const compared = await compare(net);
  console.log(net, JSON.stringify(compared));
  figures[`${net} ${OVER_STOCK}, ${os.cpus()[0].model.trim()}`] = compared;
}
if (values.save) console.log(writeResults('webgpu', figures));
