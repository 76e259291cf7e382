import { createAugmenter } from '../../dataset/augment/augmenter';
import type { AugmentConfig } from '../../dataset/augment/config';
import { identityParameters, sampleParameters } from '../../dataset/augment/parameters';
import { CIFAR10 } from '../../dataset/cifar10';
import { drawMixing, mixBatch, mixesImages } from '../../dataset/mixing/index';
import { imageBytes } from '../../dataset/descriptor';
import { STREAM } from '../../util/rng';

/**
 * What training sees of images: each under an epoch's draws, and mixed with its partner where the augmentation mixes. The very code of training.
 * @param images bytes of each, NHWC, and its number in the data set
 * @returns height × width × 3 values from 0 to 1 for each
 */
export function variantsOf(
  images: readonly { rgb: Uint8Array; number: number }[],
  config: AugmentConfig,
  { epoch, seed }: { epoch: number; seed: number },
): Float32Array[] {
  const { imageShape, statistics } = CIFAR10;
  const size = imageBytes(CIFAR10);
  const [height, width] = imageShape;
  const augmenter = createAugmenter({
    imageShape,
    statistics,
    augment: config,
    seed,
    stream: STREAM.augment,
  });
  const batch = new Float32Array(images.length * size);
  images.forEach(({ rgb, number }, i) => {
    const isNone = Object.keys(config).length === 0;
    const parameters = isNone
      ? identityParameters()
      : sampleParameters(config, seed, epoch, number, STREAM.augment, height, width);
    augmenter.apply(parameters, rgb, 0, batch, i * size);
  });
  if (mixesImages(config)) {
    const mixing = drawMixing(config, seed, epoch, 0, imageShape);
    if (mixing !== undefined) mixBatch(batch, images.length, imageShape, mixing);
  }
  return images.map((_, i) => batch.subarray(i * size, (i + 1) * size));
}
