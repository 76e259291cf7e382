import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  InterruptedError,
  type TrainOptions,
  ensemble,
  evaluate,
  exportModel,
  loadCifar10,
  openRun,
  predict,
  resume,
  train,
  tta,
} from '../../src/index.js';
import { encodePng } from '../../src/io/png.js';
import { readdirSync } from 'node:fs';
import { DATA_DIR, temporaryFolder } from '../helpers/folders.js';

const { test } = loadCifar10({ dataDir: DATA_DIR, limitTrain: 1, limitTest: 40 });

const SHORT: TrainOptions = {
  ...{ model: 'fast-proxy', backend: 'wasm', dataDir: DATA_DIR, workers: 0 },
  ...{ limitTrain: 60, limitTest: 20, batchSize: 20, epochs: 3 },
};

describe('the library', () => {
  it('trains, stops when it is told to, goes on, measures, averages, asks and exports, and leaves nothing behind', async () => {
    const listeners = () => process.eventNames().map((name) => [name, process.listenerCount(name)]);
    const before = listeners();
    const modelsDir = temporaryFolder();
    const controller = new AbortController();
    const epochs: number[] = [];
    const stopped = train({
      ...SHORT,
      modelsDir,
      name: 'r',
      signal: controller.signal,
      onEpoch: ({ epoch }) => {
        epochs.push(epoch);
        if (epoch === 0) controller.abort();
      },
    });
    await expect(stopped).rejects.toThrow(InterruptedError);
    const run = openRun('r', { modelsDir });
    expect(run.record.status).toBe('interrupted');
    await resume(run, { onEpoch: ({ epoch }) => epochs.push(epoch) });
    expect(epochs).toEqual([0, 1, 2]);
    expect(run.record.status).toBe('finished');
    expect(run.history).toHaveLength(3);
    // An unbroken training comes to the same.
    const whole = await train({ ...SHORT, modelsDir, name: 'whole' });
    expect(run.record.last).toEqual(whole.record.last);

    const options = { backend: 'wasm', images: test } as const;
    const { accuracy } = await evaluate(run, options);
    const views = await tta(run.path, { ...options, preset: 'flip' });
    expect(views.plainAccuracy).toBeCloseTo(accuracy, 6);
    const other = await tta(whole, { ...options, preset: 'none' });
    const both = ensemble([views.probabilities, other.probabilities], { images: test });
    expect(both.members).toHaveLength(2);
    const png = encodePng(test.images.subarray(0, 3072), 32, 32);
    const [answer, broken] = await predict([png, Buffer.from('none')], run, { backend: 'wasm' });
    expect('classes' in answer && answer.classes.map(({ class: name }) => name).sort()).toEqual(
      [...test.dataset.classNames].sort(),
    );
    expect('error' in broken && broken.error).toMatch(/no picture of a kind/);
    await exportModel(run, join(modelsDir, 'out'), { ...options, format: 'onnx' });
    expect(readdirSync(join(modelsDir, 'out')).sort()).toEqual(['README.md', 'config.yaml', 'model.onnx']);
    expect(listeners()).toEqual(before);
  });

  it('says what is wrong with what it is given', async () => {
    await expect(train({ epochs: -1 })).rejects.toThrow(/--epochs: expected a number/);
    await expect(train({ modle: 'deep' } as never)).rejects.toThrow(
      /Unknown option --modle.*Did you mean "model"/,
    );
    expect(() => openRun('nobody', { modelsDir: temporaryFolder() })).toThrow(/No run "nobody"/);
    await expect(resume('nobody')).rejects.toThrow(/No run/);
    expect(() => ensemble([], { images: test })).toThrow(/at least one array/);
    expect(() => ensemble([new Float32Array(3)], { images: test })).toThrow(
      /expected 400 probabilities, got 3/,
    );
  });
});
