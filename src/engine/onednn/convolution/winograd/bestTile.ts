import type { OneDnnBackend } from '../../backend.js';
import { paddedChannels } from '../../ffi/channelBlock.js';
import { fitsCode } from '../../machine/fitsCode.js';
import { type Geometry, isDense, typeOf } from '../geometry.js';
import { HALF_BLOCK } from './tilePlanes.js';
import { TAPS, type Tile, TRANSFORMS } from './transforms.js';

/** Operations a nanosecond of the library's convolutions and of products of planes; nanoseconds a channel of a plane's pixel of the maps to planes and back. */
interface Speed {
  readonly library: number;
  readonly product: number;
  readonly map: number;
}

/** On two cores with AVX2, and on two with AVX-512 (scripts/LOG.md). Only the ratios of each matter here. */
const SPEEDS = {
  avx2: { library: 150, product: 140, map: 0.31 },
  avx512: { library: 245, product: 205, map: 0.22 },
  bf16: { library: 480, product: 410, map: 0.17 },
} satisfies Record<string, Speed>;

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
  const speed = speedOf(backend);
  if (speed === null || !isPossible(backend, geometry, outputs)) return null;
  const { filter } = geometry;
  const channels = paddedChannels(filter[2], backend.descriptors.channelBlock);
  const [three, four] = ([3, 4] as const).map((tile) => gain(tile, [channels, filter[3]], outputs, speed));
  if (Math.max(three, four) < leastGain) return null;
  return three > four ? 3 : 4;
}

function isPossible(backend: OneDnnBackend, geometry: Geometry, outputs: readonly number[]): boolean {
  const { filter, window } = geometry;
  const isSquare = filter[0] === TAPS && filter[1] === TAPS;
  const isPadded = window.padBefore.every((rows) => rows === 1);
  const isFilled = filter[2] % HALF_BLOCK === 0 && filter[3] % backend.descriptors.channelBlock === 0;
  const hasChannels = Math.min(filter[2], filter[3]) >= LEAST_CHANNELS;
  const [images, height, width] = outputs;
  const isMany = images * height * width >= LEAST_PIXELS;
  const isFit = isSquare && isPadded && isFilled && hasChannels && isMany;
  const isInReach = backend.native.canRunCode && fitsCode(geometry.x) && fitsCode(geometry.y);
  const isOwnType = typeOf(backend, geometry) === backend.computeType;
  return isFit && isInReach && isDense(geometry) && isOwnType;
}

/** Null where fewer products do not pay: the library multiplies by AMX, sixteen times as fast, or has bf16 by emulation only. */
function speedOf({ native: { instructionSet }, computeType }: OneDnnBackend): Speed | null {
  if (computeType === 'bf16') return instructionSet === 'avx512_core_bf16' ? SPEEDS.bf16 : null;
  if (instructionSet.startsWith('avx2')) return SPEEDS.avx2;
  return /^avx(512|10)/.test(instructionSet) ? SPEEDS.avx512 : null;
}

/** The library's time over Winograd's, estimated. @param channels of the filter */
function gain(
  tile: Tile,
  [inputs, outputs]: readonly number[],
  [, height, width]: readonly number[],
  speed: Speed,
): number {
  const whole = (size: number): number => (tile * Math.ceil(size / tile)) / size;
  const products = 2 * inputs * outputs;
  const library = (TAPS ** 2 * products) / speed.library;
  const planes = TRANSFORMS[tile].size ** 2 / tile ** 2;
  const tiles = planes * (products / speed.product + speed.map * (inputs + outputs));
  return library / (tiles * whole(height) * whole(width));
}
