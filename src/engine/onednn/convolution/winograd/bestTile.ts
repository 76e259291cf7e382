import type { OneDnnBackend } from '../../backend.js';
import type { Geometry } from '../geometry.js';
import { fitsCode } from '../../machine/strips.js';
import { isDenseOnAvx2 } from '../layouts.js';
import { TAPS, type Tile, TRANSFORMS } from './transforms.js';

/**
 * Speeds on two cores with AVX2 (scripts/LOG.md): of the library's convolutions and of products of planes in operations a nanosecond, of the maps
 * to planes and back in nanoseconds a channel of a pixel. Only their ratios matter here.
 */
const SPEED = { library: 150, product: 140, map: 0.7 };

/** With fewer channels the maps cost more than the products spare. */
const LEAST_CHANNELS = 24;

/** Fewer pixels do not pay for the filter's own planes. */
const LEAST_PIXELS = 1024;

/** Below 1 where the library's own kernels are slower than above: those of the gradient by the filter. */
const LEAST_GAIN = { convolution: 1.1, columns: 1.05, library: 0.72 };

/** How Winograd's way computes outputs, or gradients by inputs, of that shape [N, H, W, C]; null where another way is faster. */
export const winogradTile = (
  backend: OneDnnBackend,
  geometry: Geometry,
  outputs: readonly number[],
): Tile | null => bestTile(backend, geometry, outputs, LEAST_GAIN.convolution);

/** The same of the gradient by the filter, beside columns or the library's own kernel. */
export const winogradTileForFilter = (
  backend: OneDnnBackend,
  geometry: Geometry,
  other: 'columns' | 'library',
): Tile | null => bestTile(backend, geometry, geometry.y, LEAST_GAIN[other]);

function bestTile(
  backend: OneDnnBackend,
  geometry: Geometry,
  outputs: readonly number[],
  leastGain: number,
): Tile | null {
  if (!isPossible(backend, geometry, outputs)) return null;
  const [three, four] = ([3, 4] as const).map((tile) => gain(tile, geometry, outputs));
  if (Math.max(three, four) < leastGain) return null;
  return three > four ? 3 : 4;
}

function isPossible(backend: OneDnnBackend, geometry: Geometry, outputs: readonly number[]): boolean {
  const { filter, window } = geometry;
  const isSquare = filter[0] === TAPS && filter[1] === TAPS;
  const isPadded = window.padBefore.every((rows) => rows === 1);
  const { channelBlock } = backend.descriptors;
  const isFilled = [filter[2], filter[3]].every(
    (channels) => channels >= LEAST_CHANNELS && channels % channelBlock === 0,
  );
  const [images, height, width] = outputs;
  const isMany = images * height * width >= LEAST_PIXELS;
  const isFit = isSquare && isPadded && isFilled && isMany;
  const isInReach = backend.native.canRunCode && fitsCode(geometry.x) && fitsCode(geometry.y);
  return isFit && isInReach && isDenseOnAvx2(backend, geometry);
}

/** The library's time over Winograd's, estimated. */
function gain(tile: Tile, { filter }: Geometry, [, height, width]: readonly number[]): number {
  const [rows, columns, inputs, outputs] = filter;
  const whole = (size: number): number => (tile * Math.ceil(size / tile)) / size;
  const products = 2 * inputs * outputs;
  const library = (rows * columns * products) / SPEED.library;
  const share = TRANSFORMS[tile].size ** 2 / tile ** 2;
  const tiles = (share * products) / SPEED.product + SPEED.map * (inputs + outputs);
  return library / (tiles * whole(height) * whole(width));
}
