import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { selectBackend } from '../../src/engine/select.js';
import { NETS, logitsModel } from '../../src/nets/index.js';
import { expectClose, normals } from '../helpers/compare.js';

let folder: string;

beforeAll(async () => {
  await selectBackend('wasm');
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cifar-stock-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const bytesOf = (values: Float32Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);

it.each(['bench', 'deep'] as const)(
  '%s opens in a stock tfjs program and predicts the same',
  async (name) => {
    const net = NETS[name].build({ seed: 3 });
    const images = normals(2 * 3072, 1).map((value) => Math.abs(value) % 1);
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
    const { modelTopology, weightSpecs, weightData } = artifacts;
    writeFileSync(join(folder, 'model.json'), JSON.stringify({ modelTopology, weightSpecs }));
    writeFileSync(join(folder, 'weights.bin'), Buffer.from(weightData as ArrayBuffer));
    writeFileSync(join(folder, 'images.bin'), bytesOf(images));
    const program = join(import.meta.dirname, 'openWithStock.mjs');
    const printed = execFileSync(process.execPath, [program, folder], { encoding: 'utf8' });
    const actual = JSON.parse(printed) as number[];
    expect(Math.max(...actual.map((p, i) => Math.abs(p - expected[i])))).toBeLessThanOrEqual(1e-6);

    // And here: its logits, and the names by which weights are told apart, though another such net is alive.
    const loaded = await loadLayersModel(tf.io.fromMemory(artifacts));
    const logits = logitsModel(loaded).predict(x) as tf.Tensor;
    expectClose('softmax of the loaded logits', tf.softmax(logits).dataSync(), expected, 1e-5);
    const again = NETS[name].build({ seed: 4 });
    expect(again.weights.map((w) => w.originalName)).toEqual(weightSpecs?.map((spec) => spec.name));
    net.dispose();
    loaded.dispose();
    again.dispose();
    x.dispose();
  },
);
