import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type MachineMemory, fileMemory } from '../../src/engine/machineMemory.js';
import type { BackendProvider } from '../../src/engine/provider.js';
import { cpuProvider } from '../../src/engine/providers/cpu.js';
import { tensorflowProvider } from '../../src/engine/providers/tensorflow.js';
import { webgpuProvider } from '../../src/engine/webgpu/provider.js';
import {
  BackendUnavailableError,
  PROVIDERS,
  compareAll,
  describeBackends,
  selectBackend,
} from '../../src/engine/select.js';
import { trialRate } from '../../src/engine/speedTrial.js';
import { wasmProvider } from '../../src/engine/wasm/provider.js';
import { lastingFolder } from '../helpers/folders.js';

const folder = lastingFolder();

/** Installs a package of one file into a project folder of its own. */
function project(name: string, packageName: string, source: string): string {
  const root = join(folder, name, 'node_modules', packageName);
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, 'package.json'), '{ "version": "9.8.7", "type": "module", "main": "main.js" }');
  writeFileSync(join(root, 'main.js'), source);
  return join(folder, name);
}

const bindings = (projectFolder: string, gpu = false, node?: string) =>
  tensorflowProvider('tensorflow', '@tensorflow/tfjs-node', gpu, [projectFolder], node);

const unusable: BackendProvider = {
  name: 'tensorflow',
  precisions: ['f32'],
  probe: () => Promise.resolve({ usable: false, reason: 'it is not there' }),
  activate: () => Promise.reject(new Error('must not be activated')),
};

const throwing: BackendProvider = {
  ...unusable,
  name: 'webgpu',
  probe: () => Promise.reject(new Error('the probe broke')),
};

const failing: BackendProvider = {
  name: 'onednn',
  precisions: ['bf16', 'f32'],
  probe: () => Promise.resolve({ usable: true, reason: 'looked good' }),
  activate: () => Promise.reject(new Error('no memory')),
};

const forgetful: MachineMemory = { get: () => undefined, set: () => undefined };

/** A machine on which nothing else runs, whatever does. */
const watch = () => () => 0;

/** Runs as plain JavaScript does; its speed is what a test says. */
const contender = (name: string, version = '1'): BackendProvider => ({
  ...cpuProvider,
  name,
  probe: () => Promise.resolve({ usable: true, version, reason: `${name} is there` }),
});

describe('auto', () => {
  /** Backends in the order in which they are tried, with their rates. */
  function trialOf(...rates: number[]): { trial: () => Promise<number>; tried: () => number } {
    let tried = 0;
    return { trial: () => Promise.resolve(rates[tried++]), tried: () => tried };
  }

  it('takes the fastest by a trial, and remembers it for the same backends', async () => {
    const memory = fileMemory(join(folder, 'memory', 'machine.json'));
    const providers = [contender('webgpu'), contender('onednn'), contender('wasm'), cpuProvider];
    const { trial, tried } = trialOf(20, 30, 10, 40, 30, 10);
    const first = await selectBackend('auto', {}, { providers, memory, trial, watch });
    expect(first).toMatchObject({ name: 'onednn', passedOver: [] });
    expect(first.why).toBe('the fastest usable here by a trial: onednn is there');
    // Plain JavaScript is no contender.
    expect(tried()).toBe(3);
    expect(await selectBackend('auto', {}, { providers, memory, trial, watch })).toMatchObject({
      name: 'onednn',
    });
    expect(tried()).toBe(3);
    providers[0] = contender('webgpu', '2');
    expect(await selectBackend('auto', {}, { providers, memory, trial, watch })).toMatchObject({
      name: 'webgpu',
    });
    expect(tried()).toBe(6);
  });

  it('takes the first usable one where no trial may be made, and the fastest once it was', async () => {
    const memory = fileMemory(join(folder, 'other', 'machine.json'));
    const providers = [contender('webgpu'), contender('onednn')];
    const { trial } = trialOf(1, 2);
    const from = { providers, memory, trial, watch };
    expect(await selectBackend('auto', { mayTry: false }, from)).toMatchObject({
      ...{ name: 'webgpu', why: 'the best usable here: webgpu is there' },
    });
    await selectBackend('auto', {}, from);
    expect(await selectBackend('auto', { mayTry: false }, from)).toMatchObject({ name: 'onednn' });
  });

  it('takes the first usable one while other programs keep the processor busy, and tries again later', async () => {
    const memory = fileMemory(join(folder, 'busy', 'machine.json'));
    const providers = [contender('onednn'), contender('wasm')];
    const { trial, tried } = trialOf(100, 9);
    const busy = { providers, memory, trial, watch: () => () => 1.2 };
    const first = await selectBackend('auto', {}, busy);
    expect(first).toMatchObject({ name: 'onednn', passedOver: [] });
    expect(first.why).toBe(
      'the best usable here (other programs were too busy for a trial): onednn is there',
    );
    expect(await compareAll({}, busy)).toMatchObject([
      { name: 'onednn', isDisturbed: true },
      { name: 'wasm', isDisturbed: true },
    ]);
    expect(tried()).toBe(0);
    const later = await selectBackend('auto', {}, { ...busy, watch });
    expect(later).toMatchObject({ name: 'onednn' });
    expect(later.why).toMatch(/^the fastest usable here by a trial/);
    expect(tried()).toBe(2);
  });

  it('keeps no trial that other programs begin to disturb', async () => {
    const memory = fileMemory(join(folder, 'disturbed', 'machine.json'));
    const providers = [contender('onednn'), contender('wasm')];
    const { trial, tried } = trialOf(3, 9, 100, 9);
    const cores = [0, 1.2, 0, 0];
    const watch = () => () => cores.shift() ?? 0;
    const first = await selectBackend('auto', {}, { providers, memory, trial, watch });
    expect(first).toMatchObject({ name: 'onednn' });
    const second = await selectBackend('auto', {}, { providers, memory, trial, watch });
    expect(second.why).toMatch(/^the fastest usable here by a trial/);
    expect(tried()).toBe(4);
  });

  it('needs no trial for one alone, and passes over one that fails in it, which is not remembered', async () => {
    const none = trialOf();
    const alone = [contender('wasm'), cpuProvider];
    await selectBackend('auto', {}, { providers: alone, memory: forgetful, trial: none.trial });
    expect(none.tried()).toBe(0);
    let calls = 0;
    const trial = (): Promise<number> =>
      calls++ % 2 === 0 ? Promise.reject(new Error('wrong shader')) : Promise.resolve(5);
    const memory = fileMemory(join(folder, 'third', 'machine.json'));
    const providers = [contender('webgpu'), contender('wasm')];
    for (let round = 1; round <= 2; round++) {
      const { name, passedOver } = await selectBackend('auto', {}, { providers, memory, trial, watch });
      expect(name).toBe('wasm');
      expect(passedOver).toMatchObject([{ name: 'webgpu', reason: 'it failed in a trial: wrong shader' }]);
      expect(calls).toBe(2 * round);
    }
  });

  it('asks only those that compute in the number format asked for', async () => {
    const providers = [contender('webgpu'), { ...contender('onednn'), precisions: ['bf16', 'f32'] as const }];
    const from = { providers, memory: forgetful, trial: trialOf().trial, watch };
    const selected = await selectBackend('auto', { precision: 'bf16' }, from);
    expect(selected.name).toBe('onednn');
    expect(selected.passedOver).toMatchObject([{ reason: 'it computes in f32, not in bf16' }]);
    await expect(selectBackend('webgpu', { precision: 'bf16' }, from)).rejects.toThrow(
      'The backend webgpu is not usable here: it computes in f32, not in bf16.',
    );
  });

  it('measures a rate of a small training', { timeout: 120_000 }, async () => {
    await selectBackend('wasm');
    const before = tf.memory().numTensors;
    expect(await trialRate()).toBeGreaterThan(1);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('the memory of what was found out', () => {
  it('keeps values, the latest fifty, and forgets only where it cannot write', () => {
    const path = join(folder, 'kept', 'machine.json');
    for (let i = 0; i < 60; i++) fileMemory(path).set(`key ${i}`, { i });
    expect(fileMemory(path).get('key 59')).toEqual({ i: 59 });
    expect(fileMemory(path).get('key 9')).toBeUndefined();
    expect(readdirSync(join(folder, 'kept'))).toEqual(['machine.json']);
    writeFileSync(path, '[1, 2');
    expect(fileMemory(path).get('key 59')).toBeUndefined();
    const nowhere = fileMemory('/proc/none/cifar/machine.json');
    nowhere.set('a', 1);
    expect(nowhere.get('a')).toBeUndefined();
  });
});

describe('selectBackend', () => {
  it('looks at the GPUs first, and has WASM always', () => {
    const order = ['tensorflow-gpu', 'webgpu', 'onednn', 'tensorflow', 'wasm', 'cpu'];
    expect(PROVIDERS.map(({ name }) => name)).toEqual(order);
  });

  it('takes the usable one for auto and tells why not the others', async () => {
    const providers = [throwing, failing, unusable, wasmProvider, cpuProvider];
    const selected = await selectBackend(
      'auto',
      {},
      { providers, memory: forgetful, trial: () => Promise.resolve(1), watch },
    );
    expect(selected).toMatchObject({ name: 'wasm', tfjsName: 'wasm', maxHeapBytes: 65535 * 65536 });
    expect(selected.why).toMatch(/^the fastest usable here by a trial: part of this program/);
    expect(selected.passedOver).toEqual([
      { name: 'webgpu', usable: false, reason: 'the probe broke' },
      { name: 'onednn', usable: false, reason: 'it failed to start: no memory' },
      { name: 'tensorflow', usable: false, reason: 'it is not there' },
    ]);
    expect(tf.getBackend()).toBe('wasm');
  });

  it('runs WASM with SIMD', async () => {
    const { details, version } = await selectBackend('wasm');
    expect(details).toEqual({ simd: 'yes', threads: '1' });
    expect(version).toBe(tf.version_core);
    expect(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')).toBe(true);
  });

  it.each(['wasm', 'cpu'] as const)(
    'readies %s for training, without a word on the console',
    async (name) => {
      const selected = await selectBackend(name);
      expect(selected).toMatchObject({ name, tfjsName: name, why: 'as asked for', passedOver: [] });
      for (const kernel of ['SeededDropout', 'AdamUpdate', 'Conv2DBackpropFilter']) {
        expect(tf.getKernel(kernel, name), kernel).toBeDefined();
      }
      const sum = tf.sum(tf.ones([3]));
      expect(sum.dataSync()[0]).toBe(3);
    },
  );

  it('refuses a backend that is not usable, with the reason and what to do', async () => {
    const attempt = selectBackend('tensorflow', {}, { providers: [unusable, wasmProvider] });
    await expect(attempt).rejects.toThrow(BackendUnavailableError);
    await expect(attempt).rejects.toThrow(
      'The backend tensorflow is not usable here: it is not there. Or choose --backend auto',
    );
    await expect(selectBackend('onednn', {}, { providers: [failing] })).rejects.toThrow(
      'it failed to start: no memory',
    );
    await expect(selectBackend('auto', {}, { providers: [unusable] })).rejects.toThrow(
      'No backend is usable here',
    );
  });
});

describe('describeBackends', () => {
  it('reports on each, also on one whose probe breaks', async () => {
    const reports = await describeBackends({ providers: [throwing, wasmProvider] });
    expect(reports.map(({ name, usable }) => [name, usable])).toEqual([
      ['webgpu', false],
      ['wasm', true],
    ]);
  });
});

describe('optional packages', () => {
  it('says how to install one that is missing', async () => {
    expect(await bindings(folder).probe()).toEqual({
      usable: false,
      reason: '@tensorflow/tfjs-node is not installed (npm install @tensorflow/tfjs-node)',
    });
    expect((await webgpuProvider({ folders: [folder] }).probe()).reason).toBe(
      'webgpu and @tensorflow/tfjs-backend-webgpu are not installed (npm install webgpu @tensorflow/tfjs-backend-webgpu@4.22.0)',
    );
  });

  it.each([
    { name: 'throws', source: `throw new Error('no such library');`, reason: /Error: no such library/ },
    { name: 'crashes', source: `process.kill(process.pid, 'SIGSEGV');`, reason: /crashed with SIGSEGV/ },
    { name: 'leaves', source: `process.exit(0);`, reason: /ended without an answer/ },
    {
      name: 'miscalculates',
      source: `export const ready = async () => {}, ones = () => 1, matMul = () => ({ dataSync: () => [7] });`,
      reason: /a matrix product came out as 7 instead of 3/,
    },
  ])('reports one that $name, and survives it', async ({ name, source, reason }) => {
    const probe = await bindings(project(name, '@tensorflow/tfjs-node', source)).probe();
    expect(probe).toMatchObject({ usable: false, version: '9.8.7' });
    expect(probe.reason).toMatch(/^@tensorflow\/tfjs-node is installed but does not work: /);
    expect(probe.reason).toMatch(reason);
  });

  it('accepts one that works, for the GPU only when it has one', async () => {
    const source = (gpu: boolean) => `console.log('hello');
export const ready = async () => {}, ones = () => 1, matMul = () => ({ dataSync: () => [3] });
export const backend = () => ({ isUsingGpuDevice: ${gpu} });`;
    const without = project('works', '@tensorflow/tfjs-node', source(false));
    const withGpu = project('works-gpu', '@tensorflow/tfjs-node', source(true));
    expect(await bindings(without).probe()).toMatchObject({ usable: true, version: '9.8.7' });
    expect((await bindings(without, true).probe()).reason).toMatch(/finds no graphics processor/);
    expect((await bindings(withGpu, true).probe()).reason).toBe(
      '@tensorflow/tfjs-node is installed and runs on the GPU',
    );
  });

  it('does not try TensorFlow’s bindings on a Node.js they do not support', async () => {
    const probe = await bindings(project('new-node', '@tensorflow/tfjs-node', ''), false, '23.1.0').probe();
    expect(probe.reason).toMatch(
      /does not work on Node.js 23 and newer \(this is 23.1.0\); use Node.js 20 or 22/,
    );
  });
});
