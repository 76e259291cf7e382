import {
  backend,
  getKernel,
  registerKernel,
  square,
  tensor1d,
  unregisterKernel,
  zerosLike,
} from '@tensorflow/tfjs-core';
import type { KernelConfig, Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { MachineMemory } from '../../../src/engine/machineMemory.js';
import { registerPortableKernels } from '../../../src/engine/ops/register.js';
import { selectBackend } from '../../../src/engine/select.js';
import type { GpuBackend } from '../../../src/engine/webgpu/gpuBackend.js';
import { openWebGpu } from '../../../src/engine/webgpu/open.js';
import { openedWebGpu, webgpuProvider } from '../../../src/engine/webgpu/provider.js';
import type { Gpu, GpuAdapter } from '../../../src/engine/webgpu/stock.js';
import { describeWebGpu } from './setup.js';

const KERNEL = 'GeluGrad';

/** Activates the backend with a memory of its own. */
const open = (memory: MachineMemory, precision: 'f16' | 'f32' = 'f32') =>
  selectBackend('webgpu', { precision }, { providers: [webgpuProvider({ memory })] });

/** An adapter's own, which its prototype has. */
const pick = (adapter: GpuAdapter): Omit<GpuAdapter, 'info'> => ({
  features: adapter.features,
  limits: adapter.limits,
  requestDevice: (descriptor) => adapter.requestDevice(descriptor),
});

function memory(): MachineMemory & { all: Map<string, unknown> } {
  const all = new Map<string, unknown>();
  return { all, get: (key) => all.get(key), set: (key, value) => void all.set(key, value) };
}

describeWebGpu('the trial of an adapter that was never used', () => {
  beforeAll(() => selectBackend('cpu').then(() => registerPortableKernels('cpu')));

  it('is passed once and remembered, under the adapter’s name', { timeout: 240_000 }, async () => {
    const kept = memory();
    await open(kept);
    expect([...kept.all.values()]).toEqual(['passed']);
    expect([...kept.all.keys()][0]).toMatch(/^webgpu kernels [0-9a-f]+ on .*llvmpipe|lavapipe|mesa/i);
    await open(kept, 'f16');
    expect([...kept.all.values()]).toEqual(['passed', 'passed']);
    expect([...kept.all.keys()][1]).toMatch(/ in f16$/);
  });

  it(
    'names a kernel that computes wrongly, refuses the backend, and remembers that, too',
    { timeout: 240_000 },
    async () => {
      const right = getKernel(KERNEL, 'webgpu');
      const wrong: KernelConfig = {
        ...right,
        kernelFunc: ({ inputs }) => zerosLike((inputs as unknown as { dy: Tensor }).dy),
      };
      unregisterKernel(KERNEL, 'webgpu');
      registerKernel(wrong);
      const kept = memory();
      const reason =
        /^The backend webgpu is not usable here: it failed to start: on .*GELU is computed wrongly: off by .*; please report it\./;
      await expect(open(kept)).rejects.toThrow(reason);
      unregisterKernel(KERNEL, 'webgpu');
      registerKernel(right);
      await expect(open(kept)).rejects.toThrow(reason);
      await open(memory());
    },
  );

  it('goes on without matrices where they do not work', { timeout: 240_000 }, async () => {
    const { module, gpu } = openedWebGpu();
    const matrices = {
      ...{ subgroupMinSize: 32, subgroupMaxSize: 32 },
      subgroupMatrixConfigs: [{ componentType: 'f16', resultComponentType: 'f32', M: 8, N: 8, K: 8 }],
    };
    // An adapter that promises what its device does not compile.
    const promising: Gpu = {
      requestAdapter: async (options) => {
        const adapter = await gpu.requestAdapter(options);
        return adapter && { ...pick(adapter), info: { description: 'a card', ...matrices } };
      },
    };
    const kept = memory();
    for (let time = 1; time <= 2; time++) {
      await openWebGpu(module, promising, { precision: 'f16', memory: kept });
      expect([...kept.all.keys()].map((key) => key.replace(/.* on /, ''))).toEqual([
        'a card in f16 by matrices of 8×8×8 in f16',
        'a card in f16',
      ]);
      const [by, without] = kept.all.values();
      expect(by).toMatch(/^The graphics device reports an error \(FusedConv2D of .*subgroup_matrix/);
      expect(without).toBe('passed');
      expect((backend() as unknown as GpuBackend).matrixUnit).toBeUndefined();
      const y = square(tensor1d([3]));
      expect([...(await y.data())]).toEqual([9]);
    }
  });
});
