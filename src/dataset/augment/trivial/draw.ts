import type { Rng } from '../../../util/rng.js';

/** The operations, in the order of their numbers. */
export const TRIVIAL_OPERATIONS = [
  ...(['identity', 'shearX', 'shearY', 'translateX', 'translateY', 'rotate'] as const),
  ...(['brightness', 'color', 'contrast', 'sharpness'] as const),
  ...(['posterize', 'solarize', 'autoContrast', 'equalize'] as const),
] as const;

export type TrivialOperation = (typeof TRIVIAL_OPERATIONS)[number];

/** One operation and how strong it is, in its own unit; see MAGNITUDES. */
export interface TrivialDraw {
  operation: TrivialOperation;
  magnitude: number;
}

/** Magnitudes of each operation that are drawn from. */
const BINS = 31;

/** From 0 to a highest value, evenly. */
const upTo =
  (high: number) =>
  (bin: number): number =>
    (high * bin) / (BINS - 1);

/**
 * Each operation's magnitude by bin: a slope, pixels, degrees, a change of a factor that is 1, bits that stay, a value from which on pixels are
 * inverted. Those that are `signed` go either way.
 */
const MAGNITUDES: Readonly<Record<TrivialOperation, { of: (bin: number) => number; isSigned: boolean }>> = {
  identity: { of: () => 0, isSigned: false },
  shearX: { of: upTo(0.99), isSigned: true },
  shearY: { of: upTo(0.99), isSigned: true },
  translateX: { of: upTo(32), isSigned: true },
  translateY: { of: upTo(32), isSigned: true },
  rotate: { of: upTo(135), isSigned: true },
  brightness: { of: upTo(0.99), isSigned: true },
  color: { of: upTo(0.99), isSigned: true },
  contrast: { of: upTo(0.99), isSigned: true },
  sharpness: { of: upTo(0.99), isSigned: true },
  posterize: { of: (bin) => 8 - Math.round(bin / 5), isSigned: false },
  solarize: { of: (bin) => 255 - upTo(255)(bin), isSigned: false },
  autoContrast: { of: () => 0, isSigned: false },
  equalize: { of: () => 0, isSigned: false },
};

/** Draws one operation and its magnitude, each uniformly (Müller and Hutter 2021, the wide ranges). Takes three numbers of the generator. */
export function drawTrivial(rng: Rng, out: TrivialDraw): void {
  out.operation = TRIVIAL_OPERATIONS[rng.int(TRIVIAL_OPERATIONS.length)];
  const { of, isSigned } = MAGNITUDES[out.operation];
  const magnitude = of(rng.int(BINS));
  const isNegative = rng.next() < 0.5;
  out.magnitude = isSigned && isNegative ? -magnitude : magnitude;
}
