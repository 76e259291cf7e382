/**
 * A contestant of scripts/bench-webgpu.ts: training steps of one net on WebGPU, by our kernels, with activations in 32 or in 16 bits, or by tfjs's own.
 *
 *     npx tsx scripts/bench-webgpu/contestant.ts <own|half|stock> <net> <batch>
 *
 * Commands: `step`, `profile` (of one step), `javascript` (where the processor's time goes, of a hundred steps after a hundred), `memory` (of the device, after
 * 50 steps and after 500).
 */
import { Session } from 'node:inspector/promises';
import { createInterface } from 'node:readline';
import * as tf from '@tensorflow/tfjs-core';
import type { RecipeName } from '../../src/config/recipeNames.js';
import { startProfile } from '../../src/engine/profile.js';
import { selectBackend } from '../../src/engine/select.js';
import { webgpuProvider } from '../../src/engine/webgpu/provider.js';
import type { NetName } from '../../src/nets/index.js';
import { Rng } from '../../src/util/rng.js';
import type { StepAnswer } from '../bench-engine/protocol.js';
import { randomImages, Trainer } from '../lib/trainer.js';

/** The engine compiles what it sees often: fewer are of its warming up. */
const STEPS = 100;

const [kernels, net, batchText] = process.argv.slice(2);
const batchSize = Number(batchText);
const isStock = kernels === 'stock';
// A device that computes nothing computes nothing rightly.
const memory = { get: () => 'passed', set: () => undefined };
const precision = kernels === 'half' ? 'f16' : 'f32';
await selectBackend('webgpu', { precision }, { providers: [webgpuProvider({ trains: !isStock, memory })] });

if (process.env['CIFAR_WEBGPU_DAWN'] === 'backend=null') {
  // What is read from it is whatever lies there: made 0, so that no loss stops the training.
  const backend = tf.backend();
  const read = backend.read.bind(backend);
  backend.read = async (dataId) => ((await read(dataId)) as Float32Array).fill(0);
}

const trainer = await Trainer.create(net as NetName | RecipeName, batchSize, randomImages());
const rng = new Rng(1);
const images = Float32Array.from({ length: batchSize * 3072 }, () => rng.next());
const labels = Uint8Array.from({ length: batchSize }, () => rng.int(10));

async function step(): Promise<StepAnswer> {
  const start = performance.now();
  const loss = await trainer.step({ images, labels });
  return { seconds: (performance.now() - start) / 1000, loss };
}

/** Whose code a function is. */
function ownerOf({ functionName, url }: { functionName: string; url: string }): string | undefined {
  // The profile's own messages.
  if (functionName === 'dispatch' && url === '') return undefined;
  if (functionName === '(idle)') return 'idle';
  if (url.includes('src/engine/webgpu')) return 'kernels';
  if (url.includes('tfjs-backend-webgpu')) return "tfjs's backend";
  if (functionName === '(garbage collector)') return 'garbage collection';
  // Calls into native code have no address of their own.
  if (url.includes('node_modules/webgpu') || url === '') return 'Dawn';
  if (/tfjs-(core|layers)|src\/(nn|nets|training|engine)/.test(url)) return 'tape and layers';
  return 'others';
}

/** Milliseconds of a step by whose code it was spent in. */
async function javascript(): Promise<Record<string, number>> {
  for (let i = 0; i < STEPS; i++) await step();
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  for (let i = 0; i < STEPS; i++) await step();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  const owners = new Map(profile.nodes.map(({ id, callFrame }) => [id, ownerOf(callFrame)]));
  const ms: Record<string, number> = {};
  profile.samples?.forEach((id, i) => {
    const owner = owners.get(id);
    if (owner !== undefined) ms[owner] = (ms[owner] ?? 0) + (profile.timeDeltas?.[i] ?? 0) / 1000 / STEPS;
  });
  return ms;
}

/** Bytes allocated on the device, and tensors, after 50 steps and after 500. */
async function memoryInUse(): Promise<{ bytes: number[]; tensors: number[] }> {
  const bytes: number[] = [];
  const tensors: number[] = [];
  for (let done = 1; done <= 500; done++) {
    await step();
    if (done !== 50 && done !== 500) continue;
    bytes.push((tf.memory() as unknown as { numBytesAllocatedInGPU: number }).numBytesAllocatedInGPU);
    tensors.push(tf.memory().numTensors);
  }
  return { bytes, tensors };
}

const COMMANDS: Record<string, () => Promise<unknown>> = {
  step,
  javascript,
  memory: memoryInUse,
  profile: async () => {
    const profile = startProfile();
    await step();
    return profile?.report();
  },
};

for await (const command of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await COMMANDS[command]()));
}
process.exit(0);
