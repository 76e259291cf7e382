import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { GpuBackend } from '../../../src/engine/webgpu/gpuBackend.js';
import { dispatch } from '../../../src/engine/webgpu/dispatch.js';
import { elementwiseShader } from '../../../src/engine/webgpu/shader.js';
import { selectBackend } from '../../../src/engine/select.js';
import { describeWebGpu } from './setup.js';

describeWebGpu('what goes wrong on a graphics device is said', () => {
  let backend: GpuBackend;
  beforeAll(async () => {
    await selectBackend('webgpu');
    backend = tf.backend() as unknown as GpuBackend;
  });

  it('values cannot be read at once, and the message says what can', async () => {
    const x = tf.tensor1d([1, 2, 3]);
    const y = tf.square(tf.square(x));
    await y.data();
    const z = tf.tidy(() => tf.sin(tf.reshape(tf.tile(y, [1000]), [3000])));
    expect(() => z.dataSync()).toThrow(/cannot be read at once: use data\(\)/);
    tf.dispose([x, y, z]);
  });

  it('a tensor that is larger than the device takes is refused by its shape', () => {
    const side = Math.ceil(backend.device.limits['maxStorageBufferBindingSize'] / 4 / 1024) + 1;
    const x = tf.tensor2d([1], [1, 1]);
    const copied = elementwiseShader({
      name: 'Copied',
      inputs: { x: 'f32' },
      outputs: { y: 'f32' },
      body: '  y[i] = x[0];',
    });
    expect(() => dispatch(backend, copied, { inputs: [x], outputs: [[side, 1024]] })).toThrow(
      new RegExp(`A tensor of \\[${side}, 1024\\] takes \\d+ bytes, .*make --micro-batch smaller`),
    );
    x.dispose();
  });

  it('a shader that does not compile fails at the next read, by its kernel and shapes', async () => {
    const broken = elementwiseShader({
      name: 'BrokenKernel',
      inputs: { x: 'f32' },
      outputs: { y: 'f32' },
      body: '  y[i] = nonsense(x[i]);',
    });
    const x = tf.tensor2d([1, 2], [1, 2]);
    const [{ dataId, shape }] = dispatch(backend, broken, { inputs: [x] });
    expect(shape).toEqual([1, 2]);
    await expect(backend.read(dataId)).rejects.toThrow(
      /The graphics device reports an error \(BrokenKernel of \[1, 2\] \[1, 2\]\): /,
    );
    // Whatever comes after is not to be believed.
    await expect(tf.square(x).data()).rejects.toThrow(/BrokenKernel/);
  });
});
