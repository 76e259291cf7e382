import type { ChannelStatistics } from '../descriptor.js';
import type { AugmentParameters } from './parameters.js';

/**
 * Changes the brightness and contrast of an image of three channels (HWC), in place: of each value, normalised by its channel's mean and
 * deviation, (value + brightness)·contrast. Nothing is clipped.
 * @param length elements of the image
 */
export function jitter(
  image: Float32Array,
  offset: number,
  length: number,
  { brightness, contrast }: Pick<AugmentParameters, 'brightness' | 'contrast'>,
  { means, deviations }: ChannelStatistics,
): void {
  for (let channel = 0; channel < 3; channel++) {
    const added = brightness * deviations[channel] - means[channel];
    for (let k = offset + channel; k < offset + length; k += 3) {
      image[k] = means[channel] + (image[k] + added) * contrast;
    }
  }
}
