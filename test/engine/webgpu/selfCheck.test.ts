import { getKernel, registerKernel, unregisterKernel, zerosLike } from '@tensorflow/tfjs-core';
import type { KernelConfig, Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { MachineMemory } from '../../../src/engine/machineMemory.js';
import { registerPortableKernels } from '../../../src/engine/ops/register.js';
import { selectBackend } from '../../../src/engine/select.js';
import { webgpuProvider } from '../../../src/engine/webgpu/provider.js';
import { describeWebGpu } from './setup.js';

const KERNEL = 'GeluGrad';

/** Activates the backend with a memory of its own. */
const open = (memory: MachineMemory, precision: 'f16' | 'f32' = 'f32') =>
  selectBackend('webgpu', { precision }, { providers: [webgpuProvider({ memory })] });

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
});
