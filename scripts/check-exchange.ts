/**
 * Exported models beside the programs that their formats are for: the largest difference of a probability over the first test
 * images, in f32. Python with what a format needs (onnx and onnxruntime; keras; keras and tf_keras; torch and safetensors) is named by --python; onnxruntime-web
 * is this project's own (--web). With --precision bf16 the same beside what is computed here in bf16, on a processor that can.
 *
 * With --keras FOLDER, where scripts/golden/make-keras.py has been (without a divisor), it goes the other way: Keras's models, imported,
 * beside what Keras answered.
 *
 *   npx tsx scripts/check-exchange.ts --format onnx --python /path/to/python models/cifar10-fast96 … [--images 1000] [--save]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-web';
import { CIFAR10 } from '../src/dataset/cifar10.js';
import { loadTest } from '../src/dataset/load.js';
import { Predictor } from '../src/evaluation/predictor.js';
import { exportModel } from '../src/exchange/exportModel.js';
import { FORMATS } from '../src/exchange/formats.js';
import { buildKeras } from '../src/exchange/keras/buildKeras.js';
import { readKerasFile } from '../src/exchange/keras/kerasFile.js';
import { readNpy } from '../src/io/npy.js';
import { netTitle } from '../src/nets/names.js';
import { openEngine } from '../src/runs/openEngine.js';
import { runFolder } from '../src/runs/runFolder.js';
import { readRunRecord } from '../src/runs/runRecord.js';
import { ROOT } from './lib/earlierProgram.js';
import { type Figure, earlierFigures, writeResults } from './lib/results.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    format: { type: 'string', default: 'onnx' },
    keras: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    images: { type: 'string', default: '1000' },
    precision: { type: 'string', default: 'f32' },
    web: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
  },
});
if (values.keras !== undefined) {
  const imported = await kerasFigures(values.keras);
  if (values.save) save('keras import', imported);
  process.exit(Object.values(imported).every((difference) => difference <= 1e-5) ? 0 : 1);
}
const format = FORMATS.find((name) => name === values.format);
if (format === undefined || format === 'tfjs')
  throw new Error(`--format: expected one of ${FORMATS.slice(1).join(', ')}.`);
const precision = values.precision === 'bf16' ? 'bf16' : 'f32';
const engine = { backend: 'auto', precision, threads: 0 } as const;
await openEngine(engine);
const test = loadTest(CIFAR10, { dataDir: 'data', limit: Number(values.images) });
const work = mkdtempSync(join(tmpdir(), 'cifar-exchange-'));
const images = join(work, 'images.bin');
writeFileSync(
  images,
  Float32Array.from(test.images, (value) => value / 255),
);
const figures: Record<string, Figure> = {};
let isClose = true;
try {
  for (const path of positionals) {
    const run = runFolder(path);
    const net = netTitle(readRunRecord(run).config.model);
    const predictor = await Predictor.open(run, CIFAR10, { weights: 'last', views: 'none' });
    const own = await predictor.probabilities(test.images);
    predictor.dispose();
    const folder = join(work, net);
    await exportModel(run, folder, test, { weights: 'last', float16: false, format, engine });
    const { peer, answers } = values.web ? await web(folder) : python(folder);
    const largest = worst(own, answers);
    figures[net] = { peer, images: test.count, largestDifference: largest };
    console.log(net, JSON.stringify(figures[net]));
    isClose &&= precision === 'bf16' || largest <= 1e-5;
  }
} finally {
  rmSync(work, { recursive: true });
}
if (!isClose) process.exitCode = 1;
if (values.save)
  save(`${format}${values.web ? ' web' : ''}${precision === 'bf16' ? ' beside bf16' : ''}`, figures);

interface Answers {
  /** The program and its version. */
  peer: string;
  answers: Float32Array;
}

/** The answers of the program that a format is for. */
function python(folder: string): Answers {
  const out = join(work, 'answers.bin');
  const args = [join(ROOT, 'scripts/check-exchange/answers.py'), format ?? '', folder, images, out];
  const { status, stdout, stderr } = spawnSync(values.python, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const bytes = readFileSync(out);
  const answers = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  return { peer: stdout.trim(), answers };
}

/** The answers of onnxruntime-web. */
async function web(folder: string): Promise<Answers> {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(readFileSync(join(folder, 'model.onnx')));
  const answers = new Float32Array(test.count * 10);
  const atOnce = 100;
  for (let first = 0; first < test.count; first += atOnce) {
    const pixels = test.images.subarray(first * 3072, (first + atOnce) * 3072);
    const shape = [pixels.length / 3072, 32, 32, 3];
    const given = new ort.Tensor(
      'float32',
      Float32Array.from(pixels, (value) => value / 255),
      shape,
    );
    const { probabilities } = await session.run({ images: given });
    answers.set(probabilities.data as Float32Array, first * 10);
  }
  await session.release();
  return { peer: `onnxruntime-web ${ort.env.versions.web ?? ''}`, answers };
}

function save(name: string, of: Record<string, Figure>): void {
  console.log(writeResults('exchange', { ...earlierFigures('exchange'), [name]: of }));
}

/** The largest difference of two probabilities. */
function worst(own: Float32Array, others: ArrayLike<number>): number {
  return own.reduce((most, value, i) => Math.max(most, Math.abs(value - others[i])), 0);
}

/** The largest difference of a probability, by file. */
async function kerasFigures(folder: string): Promise<Record<string, number>> {
  await openEngine({ backend: 'auto', precision: 'f32', threads: 0 });
  const given = readNpy(join(folder, 'images.npy'));
  const differences: Record<string, number> = {};
  for (const name of readdirSync(folder).filter((file) => /\.(h5|keras)$/.test(file))) {
    const path = join(folder, name);
    const model = await buildKeras(await readKerasFile(path), '0..1', path, CIFAR10);
    const answers = readNpy(`${path}.npy`);
    const own = tf.tidy(() =>
      (model.predict(tf.tensor(given.data, [...given.shape])) as tf.Tensor).dataSync<'float32'>().slice(),
    );
    // Those that end in logits.
    const expected = name.startsWith('bench')
      ? answers.data
      : tf.tidy(() =>
          tf
            .softmax(tf.tensor(answers.data, [...answers.shape]))
            .dataSync<'float32'>()
            .slice(),
        );
    model.dispose();
    differences[name] = worst(own, expected);
    console.log(name, differences[name]);
  }
  return differences;
}
