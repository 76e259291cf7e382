import type { OneDnnBackend } from '../../backend.js';
import type { Geometry } from '../geometry.js';
import { isDenseOnAvx2 } from '../layouts.js';
import { CHANNEL_GROUP } from './tilePlanes.js';
import { TILE } from './transforms.js';

/**
 * Speeds on two cores with AVX2 (scripts/LOG.md): of the library's convolutions and of products of planes in operations a nanosecond, of the maps
 * to planes and back in nanoseconds a channel of a pixel. Only their ratios matter here.
 */
const SPEED = { library: 150, product: 165, map: 4 };

/** Fewer pixels do not pay for the filter's own planes. */
const LEAST_PIXELS = 1024;

/** Below 1 where the library's own kernels are slower than above: those of the gradient by the filter. */
const LEAST_GAIN = { convolution: 1.1, columns: 0.95, library: 0.65 };

/** Whether Winograd's way is the faster one for outputs, or for the gradient by inputs, of that shape [N, H, W, C]. */
export const isWinogradFaster = (
  backend: OneDnnBackend,
  geometry: Geometry,
  outputs: readonly number[],
): boolean => isPossible(backend, geometry, outputs) && gain(geometry, outputs) >= LEAST_GAIN.convolution;

/** The same of the gradient by the filter, beside columns or the library's own kernel. */
export const isWinogradFasterForFilter = (
  backend: OneDnnBackend,
  geometry: Geometry,
  other: 'columns' | 'library',
): boolean => isPossible(backend, geometry, geometry.y) && gain(geometry, geometry.y) >= LEAST_GAIN[other];

function isPossible(backend: OneDnnBackend, geometry: Geometry, outputs: readonly number[]): boolean {
  const { filter, window } = geometry;
  const isSquare = filter[0] === 3 && filter[1] === 3 && window.padBefore.every((rows) => rows === 1);
  const isFilled = [filter[2], filter[3]].every((channels) => channels % CHANNEL_GROUP === 0);
  const [images, height, width] = outputs;
  const isMany = images * height * width >= LEAST_PIXELS;
  return isSquare && isFilled && isMany && isDenseOnAvx2(backend, geometry);
}

/** The library's time over Winograd's, estimated. */
function gain({ filter }: Geometry, [, height, width]: readonly number[]): number {
  const [rows, columns, inputs, outputs] = filter;
  const whole = (size: number): number => (TILE * Math.ceil(size / TILE)) / size;
  const products = inputs * outputs;
  const library = (2 * rows * columns * products) / SPEED.library;
  // Sixteen products for four outputs.
  const tiles = (8 * products) / SPEED.product + SPEED.map * (inputs + outputs);
  return library / (tiles * whole(height) * whole(width));
}
