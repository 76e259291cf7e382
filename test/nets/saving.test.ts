import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { selectBackend } from '../../src/engine/select.js';
import { toFloat16Weights } from '../../src/io/float16Weights.js';
import { NETS, hasWhitening, logitsModel, setWhitening } from '../../src/nets/index.js';
import { expectClose, normals } from '../helpers/compare.js';
import { CIFAR10 } from '../../src/dataset/cifar10.js';
import { temporaryFolder } from '../helpers/folders.js';

let folder: string;

beforeAll(async () => {
  await selectBackend('wasm');
});

beforeEach(() => {
  folder = temporaryFolder();
});

const bytesOf = (values: Float32Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);

/** What a stock program that opens the model answers for the images, probabilities. */
function openedWithStock(
  modelTopology: tf.io.ModelArtifacts['modelTopology'],
  weightSpecs: readonly tf.io.WeightsManifestEntry[],
  weights: Buffer,
  images: Float32Array,
): number[] {
  writeFileSync(join(folder, 'model.json'), JSON.stringify({ modelTopology, weightSpecs }));
  writeFileSync(join(folder, 'weights.bin'), weights);
  writeFileSync(join(folder, 'images.bin'), bytesOf(images));
  const program = join(import.meta.dirname, 'openWithStock.mjs');
  return JSON.parse(execFileSync(process.execPath, [program, folder], { encoding: 'utf8' })) as number[];
}

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));

it.each(['bench', 'deep', 'fast94', 'fast94-silu', 'fast96'] as const)(
  '%s opens in a stock tfjs program and predicts the same',
  async (name) => {
    const net = NETS[name].build({ seed: 3, dataset: CIFAR10 });
    const images = normals(2 * 3072, 1).map((value) => Math.abs(value) % 1);
    if (hasWhitening(net))
      await setWhitening(
        net,
        Uint8Array.from(images, (value) => 255 * value),
      );
    const x = tf.tensor4d(images, [2, 32, 32, 3]);
    // Moving averages other than the initial ones.
    tf.dispose(net.apply(x, { training: true }) as tf.Tensor);
    const expected = (net.predict(x) as tf.Tensor).dataSync();

    let artifacts: tf.io.ModelArtifacts | undefined;
    await net.save(
      tf.io.withSaveHandler((saved) => {
        artifacts = saved;
        return Promise.resolve({ modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(saved) });
      }),
    );
    if (artifacts === undefined) throw new Error('The model was not saved.');
    const { modelTopology, weightSpecs = [], weightData } = artifacts;
    const weights = Buffer.from(weightData as ArrayBuffer);
    const actual = openedWithStock(modelTopology, weightSpecs, weights, images);
    expect(largestDifference(actual, expected)).toBeLessThanOrEqual(1e-6);

    // In half precision weights are off by up to 2⁻¹¹ of their size, each by its own share: a logit, of size 1 at most
    // here, is off by no more, and a probability by at most a quarter of that, p(1 − p).
    const half = toFloat16Weights(weightSpecs, weights);
    const rounded = openedWithStock(modelTopology, half.specs, half.weights, images);
    expect(largestDifference(rounded, expected)).toBeLessThanOrEqual(2 ** -11 / 4);

    // And here: its logits, and the names by which weights are told apart, though another such net is alive.
    const loaded = await loadLayersModel(tf.io.fromMemory(artifacts));
    const logits = logitsModel(loaded).predict(x) as tf.Tensor;
    expectClose('softmax of the loaded logits', tf.softmax(logits).dataSync(), expected, 1e-5);
    const again = NETS[name].build({ seed: 4, dataset: CIFAR10 });
    expect(again.weights.map((w) => w.originalName)).toEqual(weightSpecs.map((spec) => spec.name));
    net.dispose();
    loaded.dispose();
    again.dispose();
    x.dispose();
  },
);
