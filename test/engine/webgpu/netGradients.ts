import * as tf from '@tensorflow/tfjs-core';
import { CIFAR10 } from '../../../src/dataset/cifar10.js';
import { softmaxCrossEntropy } from '../../../src/engine/ops/index.js';
import { hasWhitening, logitsModel, NETS, setWhitening } from '../../../src/nets/index.js';
import { normals } from '../../helpers/compare.js';

/**
 * Images of noise: in photographs' even areas many maxima are equal but for rounding, and some channels' means are far greater than their
 * deviations, so that rounding alone decides gradients' fourth digits, on every backend.
 */
const NOISE = Uint8Array.from(normals(200 * 3072, 1), (value) => 128 + 40 * value);

type Net = 'bench' | 'fast-proxy' | 'fast-proxy-muon' | 'fast94-muon' | 'deep';

/**
 * Loss and all gradients of a net on a few images, in training.
 * @param factor that the loss is multiplied by
 */
export async function gradientsOf(
  net: Net,
  { images = 3, factor = 1 } = {},
): Promise<{ loss: number; gradients: Float32Array[] }> {
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
      const { losses } = softmaxCrossEntropy(answers, labels as tf.Tensor2D, 0.1);
      return tf.mul<tf.Scalar>(tf.mean(losses), factor);
    }, variables);
  });
  const gradients: Float32Array[] = [];
  for (const { name } of variables) gradients.push((await grads[name].data()) as Float32Array);
  const [loss] = await value.data();
  tf.dispose([value, grads]);
  model.dispose();
  return { loss: loss / factor, gradients };
}
