import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import type { MachineMemory } from '../../../src/engine/machineMemory.js';
import { convBiasActivation } from '../../../src/engine/ops/index.js';
import { selectBackend } from '../../../src/engine/select.js';
import type { GpuBackend } from '../../../src/engine/webgpu/gpuBackend.js';
import { MATRICES, type MatrixUnit } from '../../../src/engine/webgpu/matrixUnit.js';

// A device that computes nothing, but compiles what others lack: the matrices of subgroups among it. Before the provider reads them.
process.env['CIFAR_WEBGPU_DAWN'] = 'backend=null';
process.env['CIFAR_WEBGPU_SOFTWARE'] = '1';
const memory: MachineMemory = { get: () => 'passed', set: () => undefined };
const { webgpuProvider } = await import('../../../src/engine/webgpu/provider.js');
const provider = webgpuProvider({ memory });
const { usable, reason } = await provider.probe();

/** Dawn wants workgroups of whole subgroups, and those of this device may have 128 threads. */
const SUBGROUP = 128;

describe.skipIf(!usable)(usable ? "shaders by a device's matrices" : `skipped: ${reason}`, () => {
  it.each<MatrixUnit>([
    { rows: 16, columns: 16, depth: 16, type: 'f16', subgroup: SUBGROUP },
    { rows: 16, columns: 8, depth: 16, type: 'f16', subgroup: SUBGROUP },
    { rows: 8, columns: 8, depth: 8, type: 'f32', subgroup: SUBGROUP },
  ])('compile: $rows×$columns×$depth in $type', async (unit) => {
    await selectBackend('webgpu', { precision: 'f16' }, { providers: [provider] });
    const backend = tf.backend() as unknown as GpuBackend;
    expect(backend.device.features.has(MATRICES)).toBe(true);
    backend.matrixUnit = unit;
    const made = vi.spyOn(backend.device, 'createShaderModule');
    // Of many filters and of few, with all that may come behind a sum.
    for (const filters of [64, 32]) {
      const weighted = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor): tf.Tensor => {
        const y = convBiasActivation(x as tf.Tensor4D, w as tf.Tensor4D, b as tf.Tensor1D, {
          activation: 'relu',
        });
        return convBiasActivation(y, tf.ones([3, 3, filters, filters]), null);
      };
      const inputs = [tf.ones([2, 8, 8, filters]), tf.ones([3, 3, filters, filters]), tf.ones([filters])];
      const gradients = tf.grads(weighted)(inputs);
      // What does not compile is said at the next read.
      for (const gradient of gradients) await gradient.data();
      tf.dispose([inputs, gradients] as tf.Tensor[][]);
    }
    const codes = made.mock.calls.map(([descriptor]) => (descriptor as { code: string }).code);
    const products = codes.filter((code) => code.includes('subgroupMatrixMultiplyAccumulate'));
    // For each number of filters two convolutions, the gradients by their filters, one of them with its bias's, and by their inputs.
    expect(products.length).toBe(12);
    made.mockRestore();
  });
});
