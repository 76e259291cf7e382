import type { ChannelStatistics } from './descriptor.js';
import type { ImageSet } from './imageSet.js';

/** Mean and deviation of every channel over all pixels of a set. Exact: it counts values before it adds them up. */
export function channelStatistics(set: ImageSet): ChannelStatistics {
  const { images, dataset } = set;
  const [, , channels] = dataset.imageShape;
  const counts = Array.from({ length: channels }, () => new Float64Array(256));
  for (let i = 0; i < images.length; i += channels) {
    for (let c = 0; c < channels; c++) counts[c][images[i + c]]++;
  }
  const pixels = images.length / channels;
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
