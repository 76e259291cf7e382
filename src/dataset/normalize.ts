import { IMAGE_CHANNELS, type ImageSet } from './imageSet.js';

/** Mean and standard deviation of each channel, of pixels scaled to [0, 1]. */
export interface ChannelStatistics {
  /** Red, green, blue. */
  readonly means: readonly number[];
  /** Red, green, blue; of the population (divided by n). */
  readonly deviations: readonly number[];
}

/**
 * The statistics of the 50,000 training images (never of the test images), as `channelStatistics` computes them from
 * the canonical files; a test holds the two together.
 */
export const TRAIN_STATISTICS: ChannelStatistics = {
  means: [0.49139968, 0.48215841, 0.44653091],
  deviations: [0.24703223, 0.24348513, 0.26158784],
};

/** Mean and deviation of every channel over all pixels of a set. Exact: it counts values before it adds them up. */
export function channelStatistics(set: ImageSet): ChannelStatistics {
  const counts = Array.from({ length: IMAGE_CHANNELS }, () => new Float64Array(256));
  const { images } = set;
  for (let i = 0; i < images.length; i += IMAGE_CHANNELS) {
    for (let c = 0; c < IMAGE_CHANNELS; c++) counts[c][images[i + c]]++;
  }
  const pixels = images.length / IMAGE_CHANNELS;
  const means: number[] = [];
  const deviations: number[] = [];
  for (const histogram of counts) {
    let sum = 0;
    for (let value = 0; value < 256; value++) sum += value * histogram[value];
    const mean = sum / pixels;
    let squares = 0;
    for (let value = 0; value < 256; value++) squares += histogram[value] * (value - mean) ** 2;
    means.push(mean / 255);
    deviations.push(Math.sqrt(squares / pixels) / 255);
  }
  return { means, deviations };
}
