import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CIFAR10 } from '../../../src/dataset/cifar10.js';
import { softmaxCrossEntropy } from '../../../src/engine/ops/index.js';
import { selectBackend } from '../../../src/engine/select.js';
import { hasWhitening, logitsModel, NETS, setWhitening } from '../../../src/nets/index.js';
import { normals, relativeError } from '../../helpers/compare.js';
import { describeWebGpu } from './setup.js';

/**
 * Images of noise: in photographs' even areas many maxima are equal but for rounding, and some channels' means are far greater than their
 * deviations, so that rounding alone decides gradients' fourth digits, on every backend.
 */
const NOISE = Uint8Array.from(normals(200 * 3072, 1), (value) => 128 + 40 * value);

type Net = 'bench' | 'fast-proxy' | 'fast-proxy-muon' | 'fast94-muon' | 'deep';

/** Loss and all gradients of a net on a few images, in training. */
async function gradientsOf(net: Net, images = 3): Promise<{ loss: number; gradients: Float32Array[] }> {
  const model = NETS[net].build({ seed: 5, dataset: CIFAR10, dropout: { seed: 1, step: 2 } });
  if (hasWhitening(model)) await setWhitening(model, NOISE);
  const logits = logitsModel(model);
  const variables = model.trainableWeights.map((weight) => (weight as unknown as { val: tf.Variable }).val);
  const { value, grads } = tf.tidy(() => {
    const pixels = Float32Array.from(NOISE.subarray(0, images * 3072), (value) => value / 255);
    const x = tf.tensor(pixels, [images, 32, 32, 3]);
    const labels = tf.cast(tf.oneHot(tf.range(0, images, 1, 'int32'), 10), 'float32');
    return tf.variableGrads(() => {
      const answers = logits.apply(x, { training: true }) as tf.Tensor2D;
      return tf.mean<tf.Scalar>(softmaxCrossEntropy(answers, labels as tf.Tensor2D, 0.1).losses);
    }, variables);
  });
  const gradients: Float32Array[] = [];
  for (const { name } of variables) gradients.push((await grads[name].data()) as Float32Array);
  const [loss] = await value.data();
  tf.dispose([value, grads]);
  model.dispose();
  return { loss, gradients };
}

describeWebGpu('training on a graphics device', () => {
  beforeAll(async () => void (await selectBackend('webgpu')));
  afterAll(() => expect(tf.memory().numTensors).toBe(0));

  it.each(['bench', 'fast-proxy', 'fast-proxy-muon', 'fast94-muon', 'deep'] as const)(
    'loss and gradients of %s are those of the processor',
    { timeout: 240_000 },
    async (net) => {
      await selectBackend('wasm');
      const expected = await gradientsOf(net);
      await selectBackend('webgpu');
      const actual = await gradientsOf(net);
      expect(Math.abs(actual.loss - expected.loss)).toBeLessThan(1e-5);
      expected.gradients.forEach((gradient, i) =>
        expect(relativeError(actual.gradients[i], gradient), `gradient ${i}`).toBeLessThan(1e-5),
      );
    },
  );

  it('gives the same bits again', { timeout: 120_000 }, async () => {
    const first = await gradientsOf('fast-proxy', 20);
    const again = await gradientsOf('fast-proxy', 20);
    expect(again.loss).toBe(first.loss);
    first.gradients.forEach((gradient, i) => expect(again.gradients[i]).toEqual(gradient));
  });

  it('takes no more of the device’s memory, step by step', { timeout: 120_000 }, async () => {
    const backend = tf.backend() as unknown as { memory(): { numBytesAllocatedInGPU: number } };
    const allocated: number[] = [];
    for (let step = 0; step < 6; step++) {
      await gradientsOf('fast-proxy');
      allocated.push(backend.memory().numBytesAllocatedInGPU);
    }
    expect(allocated[5]).toBe(allocated[2]);
  });
});
