import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BackendProvider } from '../../src/engine/provider.js';
import { cpuProvider } from '../../src/engine/providers/cpu.js';
import { tensorflowProvider } from '../../src/engine/providers/tensorflow.js';
import { webgpuProvider } from '../../src/engine/webgpu/provider.js';
import {
  BackendUnavailableError,
  PROVIDERS,
  describeBackends,
  selectBackend,
} from '../../src/engine/select.js';
import { wasmProvider } from '../../src/engine/wasm/provider.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cifar-peers-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

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
  probe: () => Promise.resolve({ usable: true, reason: 'looked good' }),
  activate: () => Promise.reject(new Error('no memory')),
};

describe('selectBackend', () => {
  it('prefers the GPUs, then the processor’s fastest, and has WASM always', () => {
    const order = ['tensorflow-gpu', 'webgpu', 'onednn', 'tensorflow', 'wasm', 'cpu'];
    expect(PROVIDERS.map(({ name }) => name)).toEqual(order);
  });

  it('takes the first usable one for auto and tells why not the others', async () => {
    const selected = await selectBackend('auto', {}, [
      throwing,
      failing,
      unusable,
      wasmProvider,
      cpuProvider,
    ]);
    expect(selected).toMatchObject({ name: 'wasm', tfjsName: 'wasm', maxHeapBytes: 65535 * 65536 });
    expect(selected.why).toMatch(/^the best usable here: part of this program/);
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
    const attempt = selectBackend('tensorflow', {}, [unusable, wasmProvider]);
    await expect(attempt).rejects.toThrow(BackendUnavailableError);
    await expect(attempt).rejects.toThrow(
      'The backend tensorflow is not usable here: it is not there. Or choose --backend auto',
    );
    await expect(selectBackend('onednn', {}, [failing])).rejects.toThrow('it failed to start: no memory');
    await expect(selectBackend('auto', {}, [unusable])).rejects.toThrow('No backend is usable here');
  });
});

describe('describeBackends', () => {
  it('reports on each, also on one whose probe breaks', async () => {
    const reports = await describeBackends([throwing, wasmProvider]);
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
    expect((await webgpuProvider([folder]).probe()).reason).toBe(
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
