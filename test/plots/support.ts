import { PNG } from 'pngjs';
import type { EpochRecord } from '../../src/plots/types.js';

/** A plausible history, with other values wherever the test says. */
export function history(
  epochs: number,
  change: (epoch: number) => Partial<EpochRecord> = () => ({}),
): EpochRecord[] {
  return Array.from({ length: epochs }, (_, epoch) => ({
    epoch,
    trainLoss: 2 / (epoch + 1),
    trainAccuracy: 1 - 0.6 / (epoch + 1),
    validationLoss: 2.1 / (epoch + 1),
    validationAccuracy: 1 - 0.7 / (epoch + 1),
    learningRate: 0.001,
    seconds: 10,
    imagesPerSecond: 5000,
    ...change(epoch),
  }));
}

/** The content of the text elements of a drawing, entities resolved. */
export function texts(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, content]) =>
    content.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
  );
}

/** The path data of the lines that vega drew, in order; one for each line mark item. */
export function linePaths(svg: string): string[] {
  return [...svg.matchAll(/aria-roledescription="line mark"[^>]* d="([^"]*)"/g)].map(([, d]) => d);
}

/** The number of marks of a kind, by vega's description of them. */
export function countMarks(svg: string, kind: string): number {
  return svg.split(`aria-roledescription="${kind}"`).length - 1;
}

export function decode(png: Uint8Array): PNG {
  return PNG.sync.read(Buffer.from(png));
}

/** Red, green and blue of a pixel. */
export function pixel(png: PNG, x: number, y: number): number[] {
  return [...png.data.subarray(4 * (y * png.width + x), 4 * (y * png.width + x) + 3)];
}

export const CLASSES = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
] as const;
