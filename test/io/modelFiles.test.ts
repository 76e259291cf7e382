import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { layers, loadLayersModel, sequential, type LayersModel } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadModel, saveModel } from '../../src/io/modelFiles.js';
import { CifarError } from '../../src/util/errors.js';
import { temporaryFolder } from '../helpers/folders.js';

let folder: string;
beforeAll(async () => {
  await tf.setBackend('cpu');
  // The backend greets Node users once, at its first tensor.
  const greeting = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  tf.zeros([1]).dispose();
  greeting.mockRestore();
});
beforeEach(() => {
  folder = join(temporaryFolder(), 'run', 'last');
});
afterAll(() => tf.disposeVariables());

function smallModel(): LayersModel {
  return sequential({
    layers: [
      layers.conv2d({ inputShape: [8, 8, 3], filters: 4, kernelSize: 3, activation: 'relu' }),
      layers.batchNormalization(),
      layers.globalAveragePooling2d({}),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
}

const input = () => tf.randomUniform([5, 8, 8, 3], 0, 1, 'float32', 7);

function probabilities(model: LayersModel): Float32Array {
  return tf.tidy(() => (model.predict(input()) as tf.Tensor).dataSync() as Float32Array);
}

/** What a browser does: fetch model.json and the weights it names, and nothing of ours. */
async function stockLoad(from: string): Promise<LayersModel> {
  const server: typeof fetch = (url) => {
    const path = new URL(url).pathname;
    return Promise.resolve(
      existsSync(path) ? new Response(readFileSync(path)) : new Response('', { status: 404 }),
    );
  };
  return loadLayersModel(tf.io.http(`http://model${join(from, 'model.json')}`, { fetchFunc: server }));
}

test('a model comes back with the same probabilities and its metadata', async () => {
  const model = smallModel();
  const metadata = { classNames: ['airplane'], normalization: { means: [0.5] } };
  await saveModel(model, folder, metadata);
  const before = tf.memory().numTensors;
  const loaded = await loadModel(folder);
  expect(tf.memory().numTensors - before).toBe(loaded.model.weights.length);
  expect(probabilities(loaded.model)).toEqual(probabilities(model));
  expect(loaded.metadata).toEqual(metadata);
  const [json, weights] = readdirSync(folder).sort();
  expect(json).toBe('model.json');
  expect(weights).toMatch(/^weights-[0-9a-f]{8}\.bin$/);
});

test('stock tf.loadLayersModel opens it over HTTP', async () => {
  const model = smallModel();
  await saveModel(model, folder, { classNames: ['a', 'b'] });
  const loaded = await stockLoad(folder);
  expect(probabilities(loaded)).toEqual(probabilities(model));
  expect(loaded.getUserDefinedMetadata()).toEqual({ classNames: ['a', 'b'] });
});

test('float16 weights: half the bytes, close probabilities, opened by the stock loader too', async () => {
  const model = smallModel();
  await saveModel(model, folder, {}, { float16: true });
  const name = readdirSync(folder).find((file) => file.endsWith('.bin'))!;
  expect(readFileSync(join(folder, name)).length).toBe(model.countParams() * 2);
  const original = probabilities(model);
  for (const loaded of [(await loadModel(folder)).model, await stockLoad(folder)]) {
    const found = probabilities(loaded);
    expect(found).not.toEqual(original);
    found.forEach((p, i) => expect(Math.abs(p - original[i])).toBeLessThan(1e-3));
  }
});

test('float16 refuses a weight beyond its range, by name, and leaves the older model', async () => {
  const model = smallModel();
  await saveModel(model, folder);
  const original = probabilities(model);
  const [bias] = model.layers[3].getWeights().slice(1);
  model.layers[3].setWeights([model.layers[3].getWeights()[0], tf.fill(bias.shape, 1e6)]);
  await expect(saveModel(model, folder, {}, { float16: true })).rejects.toThrow(
    /dense.*bias holds 1000000.*float32 instead/,
  );
  expect(probabilities((await loadModel(folder)).model)).toEqual(original);
});

test('saving again replaces the weights and leaves no old ones', async () => {
  const model = smallModel();
  await saveModel(model, folder);
  const [first] = readdirSync(folder).filter((file) => file.endsWith('.bin'));
  model.layers[3].setWeights(model.layers[3].getWeights().map((w) => tf.add(w, 1)));
  // What a kill between the two renames, or in the middle of a write, leaves.
  writeFileSync(join(folder, 'weights-00000000.bin'), 'new');
  writeFileSync(join(folder, 'weights-11111111.bin.part'), 'half');
  writeFileSync(join(folder, 'weights.bin'), 'not ours');
  expect(probabilities((await loadModel(folder)).model)).not.toEqual(probabilities(model));
  await saveModel(model, folder);
  expect(probabilities((await loadModel(folder)).model)).toEqual(probabilities(model));
  const names = readdirSync(folder);
  expect(names).not.toContain(first);
  expect(names).toHaveLength(3);
  expect(names).toContain('weights.bin');
});

describe('what cannot be loaded is refused by name', () => {
  const weightsPath = () =>
    join(
      folder,
      readdirSync(folder).find((file) => file.startsWith('weights-'))!,
    );

  /** Saves a model and changes its model.json. */
  async function withJson(change: (json: Record<string, unknown>) => unknown): Promise<void> {
    await saveModel(smallModel(), folder);
    const path = join(folder, 'model.json');
    const json = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    writeFileSync(path, JSON.stringify(change(json)));
  }

  test('no model at all', async () => {
    await expect(loadModel(folder)).rejects.toThrow(/no model there.*model\.json is missing/);
    await expect(loadModel(folder)).rejects.toThrow(CifarError);
  });

  test('weights missing', async () => {
    await saveModel(smallModel(), folder);
    rmSync(weightsPath());
    await expect(loadModel(folder)).rejects.toThrow(/weights-.*\.bin is missing/);
  });

  test('weights altered or cut short', async () => {
    await saveModel(smallModel(), folder);
    const path = weightsPath();
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(4));
    await expect(loadModel(folder)).rejects.toThrow(/damaged.*does not match the sum/);
    bytes[10] ^= 1;
    writeFileSync(path, bytes);
    await expect(loadModel(folder)).rejects.toThrow(/damaged.*does not match the sum/);
  });

  test('weights of another model under a stock name', async () => {
    await withJson((json) => {
      const [group] = json.weightsManifest as { paths: string[]; weights: unknown[] }[];
      writeFileSync(join(folder, 'group1-shard1of1.bin'), Buffer.alloc(12));
      return { ...json, weightsManifest: [{ ...group, paths: ['group1-shard1of1.bin'] }] };
    });
    await expect(loadModel(folder)).rejects.toThrow(/describes \d+ bytes.*hold 12/);
  });

  test.each<[string, (json: Record<string, unknown>) => unknown, RegExp]>([
    ['a list', () => [], /not a JSON object/],
    ['a graph model', (json) => ({ ...json, format: 'graph-model' }), /"graph-model"/],
    ['no topology', (json) => ({ ...json, modelTopology: undefined }), /no modelTopology/],
    ['no manifest', (json) => ({ ...json, weightsManifest: undefined }), /no weightsManifest/],
    ['an odd group', (json) => ({ ...json, weightsManifest: [{}] }), /lacks paths or weights/],
    [
      'a path that leaves the folder',
      (json) => ({ ...json, weightsManifest: [{ paths: ['../../secret'], weights: [] }] }),
      /"\.\.\/\.\.\/secret" is not a file name/,
    ],
    [
      'an unknown type',
      (json) => ({
        ...json,
        weightsManifest: [{ paths: [], weights: [{ name: 'w', shape: [1], dtype: 'int4' }] }],
      }),
      /weight "w" is of type "int4"/,
    ],
    [
      'an odd shape',
      (json) => ({
        ...json,
        weightsManifest: [{ paths: [], weights: [{ name: 'w', shape: [-1], dtype: 'float32' }] }],
      }),
      /weight "w" has no valid shape/,
    ],
    [
      'a topology of unknown layers',
      (json) => ({ ...json, modelTopology: { class_name: 'Nonsense', config: {} } }),
      /does not describe a usable model/,
    ],
  ])('model.json: %s', async (_, change, message) => {
    await withJson(change);
    await expect(loadModel(folder)).rejects.toThrow(message);
    await expect(loadModel(folder)).rejects.toThrow('model.json');
  });

  test('model.json that is no JSON', async () => {
    await saveModel(smallModel(), folder);
    writeFileSync(join(folder, 'model.json'), '{"format":');
    await expect(loadModel(folder)).rejects.toThrow(/model\.json.*not JSON/);
  });
});
