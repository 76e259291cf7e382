/**
 * Inference beside onnxruntime and OpenVINO, taking turns on the same machine; they run the networks as `cifar export --format onnx` writes them.
 *
 *     npx tsx scripts/bench-inference.ts --python /tmp/inference/bin/python [--nets bench,deep,fast94-muon,fast95-muon,fast96]
 *                                        [--precision f32|bf16] [--rounds 5] [--threads 2] [--save]
 *
 * scripts/bench-peers/setup makes the environment. Same batch and threads; each way that they can take has its turns in each round, and the
 * faster of OpenVINO's counts. onnxruntime has no bf16 on a CPU, so that its turns are in f32 always. A turn's first pass is not counted.
 * --save adds the figures to results/inference.json.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { resolveTrainConfig } from '../src/config/resolveTrainConfig.js';
import { selectBackend } from '../src/engine/select.js';
import { writeFormat } from '../src/exchange/writeFormat.js';
import { trainNet } from '../src/training/trainNet.js';
import { Contestant, ourContestant } from './bench-engine/protocol.js';
import { besideFastest } from './lib/besideFastest.js';
import { networkNamed } from './lib/recipeNamed.js';
import { type Figure, addFigures, provenance } from './lib/results.js';
import { randomImages } from './lib/trainer.js';

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    nets: { type: 'string', default: 'bench,deep,fast94-muon,fast95-muon,fast96' },
    precision: { type: 'string', default: 'f32' },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    save: { type: 'boolean', default: false },
  },
});
const { precision, threads, python } = values;
if (python === undefined)
  throw new Error('--python: expected the interpreter of an environment made by scripts/bench-peers/setup.');
const rounds = Number(values.rounds);
if (!(Number.isInteger(rounds) && rounds >= 1)) throw new RangeError('--rounds needs an integer from 1.');

const PROGRAMS: Readonly<Record<string, { ways: readonly string[]; precision: string }>> = {
  onnxruntime: { ways: ['onnxruntime'], precision: 'f32' },
  OpenVINO: { ways: ['openvino', 'openvino-streams'], precision },
};

/** Of an inference: about what a program that classifies many pictures gives at once. */
const BATCH = 500;

/** Of which networks with whitening compute their filters. */
const imageSet = randomImages();

interface Measured {
  [name: string]: Figure;
  program: string;
  cpu: string;
  /** Of the processor, by oneDNN's name. */
  instructions: string;
}

async function measure(net: string, folder: string): Promise<Measured[]> {
  await selectBackend('cpu');
  const { model } = await trainNet(resolveTrainConfig({ model: networkNamed(net) }), imageSet);
  await writeFormat('onnx', model, folder, {});
  model.dispose();
  const own = ourContestant('cifar', {
    ...{ backend: 'onednn', precision, threads },
    ...{ net: networkNamed(net), batch: String(BATCH) },
  });
  const start = (way: string, type: string): Contestant =>
    new Contestant(
      way,
      python as string,
      ['scripts/bench-peers/onnx_steps.py', way, type, join(folder, 'model.onnx'), String(BATCH), threads],
      { OMP_NUM_THREADS: threads },
    );
  const peers = Object.values(PROGRAMS).flatMap(({ ways, precision: type }) =>
    ways.map((way) => start(way, type)),
  );
  const seconds = new Map([own, ...peers].map((contestant) => [contestant.name, [] as number[]]));
  for (let i = 0; i <= rounds; i++) {
    for (const contestant of [own, ...peers]) {
      const turn = await contestant.turn('predict');
      if (i > 0) seconds.get(contestant.name)?.push(turn);
    }
  }
  const { instructions, library } = await own.ask<{ instructions: string; library: string }>('memory');
  const versions = new Map<string, string>();
  for (const peer of peers) {
    versions.set(peer.name, (await peer.ask<{ version: string }>('memory')).version);
  }
  for (const contestant of [own, ...peers]) await contestant.end();
  return Object.entries(PROGRAMS).map(([program, { ways, precision: type }]) => {
    const speed = besideFastest(seconds, own.name, ways, BATCH);
    return {
      ...{ net, program, version: versions.get(speed.fastestWay) ?? 'unknown' },
      ...{ precision, peerPrecision: type, batch: BATCH },
      ...{ cpu: os.cpus()[0].model.trim(), instructions, library, ...provenance() },
      ...speed,
    };
  });
}

const folder = mkdtempSync(join(os.tmpdir(), 'cifar-inference-'));
try {
  for (const net of values.nets.split(',')) {
    for (const figures of await measure(net, folder)) {
      const { program, cpu, instructions } = figures;
      console.log(JSON.stringify(figures));
      if (!values.save) continue;
      const key = `${program}, ${precision}, ${cpu}, ${instructions}`;
      console.log(addFigures('inference', key, { [net]: figures }));
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
