import * as tf from '@tensorflow/tfjs-core';
import { convBiasActivation, denseBiasActivation, gelu, softmaxCrossEntropy } from './ops/index.js';

/** A step that takes so long tells a rate well enough; and no more images than fit any device. */
const LONG_ENOUGH_MS = 80;
const MOST_IMAGES = 256;
const CLASSES = 10;

/**
 * Images a second of training a small convolutional net on the current backend, for a choice between backends: as many at once as a
 * step of some 80 ms takes. Takes about half a second.
 */
export async function trialRate(): Promise<number> {
  const weights = tf.tidy(() => [
    tf.randomNormal([3, 3, 32, 32], 0, 0.06, 'float32', 1),
    tf.zeros([32]),
    tf.randomNormal([3, 3, 32, 64], 0, 0.06, 'float32', 2),
    tf.randomNormal([8 * 8 * 64, CLASSES], 0, 0.02, 'float32', 3),
  ]);
  try {
    for (let images = 8; ; images *= 2) {
      // The first step of a size compiles what the later ones use.
      await timeStep(images, weights);
      const ms = Math.min(await timeStep(images, weights), await timeStep(images, weights));
      if (ms >= LONG_ENOUGH_MS || images >= MOST_IMAGES) return (1000 * images) / ms;
    }
  } finally {
    tf.dispose(weights);
  }
}

async function timeStep(images: number, weights: readonly tf.Tensor[]): Promise<number> {
  const [x, labels] = tf.tidy(() => [
    tf.randomNormal([images, 16, 16, 32], 0, 1, 'float32', 4),
    tf.cast(tf.oneHot(tf.zeros([images], 'int32'), CLASSES), 'float32'),
  ]);
  const start = performance.now();
  const gradients = tf.tidy(() => tf.grads((...w) => loss(x, labels, w))([...weights]));
  // Of the last that is computed: all others are before it.
  await gradients[0].data();
  const ms = performance.now() - start;
  tf.dispose([x, labels, gradients] as tf.TensorContainer);
  return ms;
}

function loss(x: tf.Tensor, labels: tf.Tensor, [first, bias, second, head]: readonly tf.Tensor[]): tf.Scalar {
  const hidden = convBiasActivation(x as tf.Tensor4D, first as tf.Tensor4D, bias as tf.Tensor1D, {
    activation: 'relu',
  });
  const pooled = tf.maxPool(convBiasActivation(hidden, second as tf.Tensor4D, null), 2, 2, 'valid');
  const flat = tf.reshape<tf.Rank.R2>(gelu(pooled), [x.shape[0], -1]);
  const logits = denseBiasActivation(flat, head as tf.Tensor2D, null);
  return tf.mean(softmaxCrossEntropy(logits, labels as tf.Tensor2D, 0).losses);
}
