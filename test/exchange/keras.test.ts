import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { type Zippable, strToU8, unzipSync, zipSync } from 'fflate';
import * as h5wasm from 'h5wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { CIFAR10 } from '../../src/dataset/cifar10.js';
import { selectBackend } from '../../src/engine/select.js';
import { evaluate } from '../../src/evaluation/evaluate.js';
import { Predictor } from '../../src/evaluation/predictor.js';
import { testTimeAugment } from '../../src/evaluation/testTimeAugment.js';
import { exportModel } from '../../src/exchange/exportModel.js';
import { FORMATS } from '../../src/exchange/formats.js';
import { importModel } from '../../src/exchange/importModel.js';
import { buildKeras } from '../../src/exchange/keras/buildKeras.js';
import { readKerasFile } from '../../src/exchange/keras/kerasFile.js';
import type { InputRange } from '../../src/exchange/keras/ranges.js';
import { readNpy } from '../../src/io/npy.js';
import { readRunRecord } from '../../src/runs/runRecord.js';
import { testImages } from '../helpers/data.js';
import { temporaryFolder } from '../helpers/folders.js';

/** Made by scripts/golden/make-keras.py. */
const GOLDEN = join(import.meta.dirname, '../golden/keras');
const ENGINE = { backend: 'wasm', precision: 'auto', threads: 0 } as const;

beforeAll(async () => void (await selectBackend('wasm')));

const images = readNpy(join(GOLDEN, 'images.npy')).data;

/** What Keras answered; `bench` gives probabilities, the others logits. */
function expected(name: string): Float32Array {
  const answers = readNpy(join(GOLDEN, `${name}.npy`)).data as Float32Array;
  if (name.startsWith('bench')) return answers;
  return tf.tidy(() =>
    tf
      .softmax(tf.tensor(answers, [8, 10]))
      .dataSync<'float32'>()
      .slice(),
  );
}

async function answersOf(name: string, range: InputRange): Promise<Float32Array> {
  const path = join(GOLDEN, name);
  const model = await buildKeras(await readKerasFile(path), range, path, CIFAR10);
  // Such that what the network sees within is what Keras's saw.
  const [low, high] = { '0..1': [0, 1], '0..255': [0, 255], '-1..1': [-1, 1] }[range];
  const given = Float32Array.from(images, (value) => (value - low) / (high - low));
  const answers = tf.tidy(() =>
    (model.predict(tf.tensor(given, [8, 32, 32, 3])) as tf.Tensor).dataSync<'float32'>().slice(),
  );
  model.dispose();
  return answers;
}

const worst = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

describe('a model of real Keras', () => {
  const names = ['bench', 'deep', 'branched'].flatMap((net) =>
    ['keras2.h5', 'keras3.h5', 'keras3.keras'].map((ending) => `${net}.${ending}`),
  );
  it.each(names)('%s gives the same probabilities', async (name) => {
    for (const range of ['0..1', '0..255', '-1..1'] as const) {
      expect(worst(await answersOf(name, range), expected(name)), range).toBeLessThan(1e-5);
    }
  });

  it('becomes a run that is measured, averaged, asked and exported', async () => {
    const modelsDir = temporaryFolder();
    const options = { modelsDir, range: '0..1', engine: ENGINE, images: () => testImages(1) } as const;
    const { folder, record } = await importModel(join(GOLDEN, 'deep.keras2.h5'), CIFAR10, options);
    expect(folder.name).toBe('deep.keras2');
    expect(record.imported).toMatchObject({ file: 'deep.keras2.h5', range: '0..1' });
    expect(readdirSync(folder.path).sort()).toEqual(['last', 'run.json']);
    const { config } = readRunRecord(folder);
    const test = testImages(20);
    const { accuracy, calibrated } = await evaluate(folder.last, test, config);
    expect(accuracy).toBeGreaterThanOrEqual(0);
    expect(calibrated.temperature).toBe(1);
    const tta = await testTimeAugment(
      folder.last,
      test,
      { preset: 'flip', share: 1 },
      { batchSize: 20, workers: 0, config },
    );
    expect(tta.plainAccuracy).toBe(accuracy);
    const predictor = await Predictor.open(folder, CIFAR10, { weights: 'last', views: 'none' });
    expect(await predictor.probabilities(test.images)).toHaveLength(200);
    predictor.dispose();
    for (const format of FORMATS) {
      await exportModel(folder, join(modelsDir, format), test, {
        weights: 'last',
        float16: false,
        format,
        engine: ENGINE,
      });
      const card = readFileSync(join(modelsDir, format, 'README.md'), 'utf8');
      expect(card).toMatch(/trained elsewhere, and imported from the file deep\.keras2\.h5/);
    }
    // Under a name that is taken, nothing.
    await expect(
      importModel(join(GOLDEN, 'bench.keras2.h5'), CIFAR10, { ...options, name: folder.name }),
    ).rejects.toThrow(/already a run/);
  });

  it('is asked about its range when its answers do not tell', async () => {
    const options = {
      modelsDir: temporaryFolder(),
      range: 'auto',
      engine: ENGINE,
      images: () => testImages(50),
    } as const;
    await expect(importModel(join(GOLDEN, 'bench.keras3.keras'), CIFAR10, options)).rejects.toThrow(
      /cannot be told from its answers .*0\.\.255 \d+\.\d %.*--range/,
    );
    expect(readdirSync(options.modelsDir)).toEqual([]);
  });
});

describe('hostile input', () => {
  /** A model of Keras 3 whose configuration has been changed. */
  function changed(name: string, change: (text: string) => string, more: Zippable = {}): string {
    const members = unzipSync(readFileSync(join(GOLDEN, name)));
    const path = join(temporaryFolder(), 'changed.keras');
    const config = strToU8(change(Buffer.from(members['config.json']).toString()));
    writeFileSync(path, zipSync({ ...members, 'config.json': config, ...more }));
    return path;
  }

  async function build(path: string): Promise<void> {
    (await buildKeras(await readKerasFile(path), '0..1', path, CIFAR10)).dispose();
  }

  /** An HDF5 file made by a function. */
  async function hdf5(make: (file: h5wasm.File) => void): Promise<string> {
    const { FS } = (await h5wasm.ready) as unknown as { FS: { readFile(path: string): Uint8Array } };
    const file = new h5wasm.File('/made.h5', 'w');
    make(file);
    file.close();
    const path = join(temporaryFolder(), 'made.h5');
    writeFileSync(path, FS.readFile('/made.h5'));
    return path;
  }

  it.each<[string, (text: string) => string, RegExp]>([
    [
      'a layer that is not known',
      (text) => text.replaceAll('"GlobalAveragePooling2D"', '"Lambda"'),
      /\(Lambda\) cannot be imported: layers of its kind are not known/,
    ],
    [
      'a setting that is not known',
      (text) => text.replace('"filters": 2', '"wobble": 3, "filters": 2'),
      /layer conv2d\w* \(Conv2D\) .* its setting wobble \(3\) is not known/,
    ],
    ['groups', (text) => text.replace('"groups": 1', '"groups": 2'), /its setting groups is 2; expected 1/],
    [
      'channels first',
      (text) => text.replace('"channels_last"', '"channels_first"'),
      /its setting data_format is "channels_first"/,
    ],
    [
      'an activation that is not known',
      (text) => text.replace('"activation": "relu"', '"activation": "hard_sigmoid"'),
      /its setting activation is "hard_sigmoid"/,
    ],
    [
      '16 bits',
      (text) => text.replaceAll('{"name": "float32"}', '{"name": "mixed_bfloat16"}'),
      /expected float32/,
    ],
    [
      'weights of another shape',
      (text) => text.replace('"filters": 2', '"filters": 3'),
      /has weights of \[3, 3, 3, 3\] .*, and the file holds \[3, 3, 3, 2\]/,
    ],
    [
      'another class',
      (text) => text.replace('"class_name": "Sequential"', '"class_name": "Evil"'),
      /of the class Evil/,
    ],
    ['no JSON', () => '{', /configuration is no JSON/],
  ])('%s is refused by name', async (_name, change, reason) => {
    await expect(build(changed('bench.keras3.keras', change))).rejects.toThrow(reason);
  });

  it('an archive takes nothing outside, and unpacks nothing else', async () => {
    const outside = join(temporaryFolder(), 'outside');
    const path = changed('bench.keras3.keras', (text) => text, {
      [`../../../../../..${outside}`]: strToU8('no'),
    });
    await build(path);
    expect(existsSync(outside)).toBe(false);
  });

  it('an archive that unpacks without end is refused', async () => {
    const path = changed('bench.keras3.keras', (text) => text, { 'config.json': new Uint8Array(100e6) });
    await expect(build(path)).rejects.toThrow(/config\.json unpacks to 100000000 bytes/);
  });

  it('damaged files are refused', async () => {
    for (const name of ['bench.keras2.h5', 'bench.keras3.keras']) {
      const bytes = readFileSync(join(GOLDEN, name));
      for (const length of [0, 3, 100, Math.floor(bytes.length / 2)]) {
        const path = join(temporaryFolder(), name);
        writeFileSync(path, bytes.subarray(0, length));
        await expect(build(path)).rejects.toThrow(/is no HDF5 file|not a model of Keras 3|Cannot read/);
      }
    }
    await expect(build(join(GOLDEN, 'images.npy'))).rejects.toThrow(/is no HDF5 file/);
    await expect(build('nowhere.h5')).rejects.toThrow(/there is no such file/);
  });

  const config = (layer: object) =>
    JSON.stringify({
      class_name: 'Sequential',
      config: {
        layers: [
          {
            class_name: 'Dense',
            config: { name: 'd', units: 10, batch_input_shape: [null, 32, 32, 3], ...layer },
          },
        ],
      },
    });

  it('weights alone, links elsewhere and arrays of other kinds are refused', async () => {
    await expect(build(await hdf5(() => undefined))).rejects.toThrow(/holds weights without their model/);
    const linked = await hdf5((file) => {
      file.create_attribute('model_config', config({}));
      const group = file.create_group('model_weights').create_group('d');
      group.create_attribute('weight_names', ['kernel']);
      group.create_external_link('/etc/passwd', 'x', 'kernel');
    });
    await expect(build(linked)).rejects.toThrow(/it has no array model_weights\/d\/kernel/);
    const doubles = await hdf5((file) => {
      file.create_attribute('model_config', config({}));
      const group = file.create_group('model_weights').create_group('d');
      group.create_attribute('weight_names', ['kernel']);
      group.create_dataset({ name: 'kernel', data: new Float64Array(4), shape: [4] });
    });
    await expect(build(doubles)).rejects.toThrow(/is of type "<d"; expected 32-bit floats/);
  });

  it('arrays that lie in other files are refused', async () => {
    await expect(build(join(GOLDEN, 'external.h5'))).rejects.toThrow(
      /its array model_weights\/d\/kernel cannot be read: unable to open external raw data file\.$/,
    );
    await expect(build(join(GOLDEN, 'virtual.h5'))).rejects.toThrow(
      /its array model_weights\/d\/kernel is made of other arrays\.$/,
    );
  });

  it('an array of an absurd size is refused before memory is taken for it', async () => {
    const absurd = await hdf5((file) => {
      file.create_attribute('model_config', config({}));
      const group = file.create_group('model_weights').create_group('d');
      group.create_attribute('weight_names', ['kernel']);
      group.create_dataset({
        name: 'kernel',
        data: new Float32Array(1),
        shape: [1],
        maxshape: [null],
        chunks: [1],
      });
      (group.get('kernel') as h5wasm.Dataset).resize([2e9]);
    });
    await expect(build(absurd)).rejects.toThrow(/claims 2000000000 numbers/);
  });
});
