import { Rng, STREAM, hash32 } from '../../util/rng.js';
import type { AugmentConfig } from './config.js';
import { type TrivialDraw, drawTrivial } from './trivial/index.js';

/** What happens to one image. */
export interface AugmentParameters {
  /** Angle of the map from output to input, radians. */
  rotation: number;
  /** Shift along the height, pixels. */
  shiftRows: number;
  /** Shift along the width, pixels. */
  shiftColumns: number;
  /** Zoom along the height; above 1 the content shrinks. */
  zoomRows: number;
  /** Zoom along the width; above 1 the content shrinks. */
  zoomColumns: number;
  /** Whole pixels that the window on the image is moved down by before the warp; see `windowToFloats`. */
  translateRows: number;
  /** Whole pixels that it is moved right by. */
  translateColumns: number;
  /** Mirrored left to right. */
  flip: boolean;
  /** Added to every value, on the scale where white is 1. */
  channelShift: number;
  /** The operation of TrivialAugment. */
  trivial: TrivialDraw;
  /** Added to every value, in deviations of its channel. */
  brightness: number;
  /** What each value's distance from its channel's mean is multiplied by, after that. */
  contrast: number;
  /** Side of the square that is cut out, pixels; 0 is none. */
  cutoutSize: number;
  /** First row of that square. */
  cutoutTop: number;
  /** First column of that square. */
  cutoutLeft: number;
}

/** Parameters that leave an image as it is. */
export function identityParameters(): AugmentParameters {
  return {
    rotation: 0,
    shiftRows: 0,
    shiftColumns: 0,
    zoomRows: 1,
    zoomColumns: 1,
    translateRows: 0,
    translateColumns: 0,
    flip: false,
    channelShift: 0,
    trivial: { operation: 'identity', magnitude: 0 },
    brightness: 0,
    contrast: 1,
    cutoutSize: 0,
    cutoutTop: 0,
    cutoutLeft: 0,
  };
}

/** Whether the alternating flip shows an image mirrored in even epochs, rather than in odd ones; p = ½. */
function isMirroredFirst(seed: number, imageIndex: number): boolean {
  return (hash32(seed, STREAM.alternatingFlip, imageIndex) & 1) === 1;
}

/**
 * Draws the parameters of one image: a pure function of its arguments, so that any thread can do any image.
 *
 * The first draws come in Keras's order, and each has its fixed place in the stream whether its setting is present or
 * not: changing one setting leaves the others' draws as they were. A later transform must draw after these.
 *
 * @param height of the image, pixels: the unit of `heightShift`; at least the side of the cutout
 * @param width of the image, pixels: the unit of `widthShift`; at least the side of the cutout
 * @param epoch epoch of training, or pass of test-time augmentation, from 0
 * @param imageIndex place of the image in its data set, from 0
 * @param stream of `STREAM`: `augment`, or `testTimeAugment`
 * @param out is filled and returned; give it to allocate nothing
 */
export function sampleParameters(
  config: AugmentConfig,
  seed: number,
  epoch: number,
  imageIndex: number,
  stream: number = STREAM.augment,
  height = 32,
  width = 32,
  out: AugmentParameters = identityParameters(),
): AugmentParameters {
  const rng = new Rng(seed, stream, epoch, imageIndex);
  const symmetric = (range = 0): number => rng.uniform(-range, range);

  out.rotation = symmetric(config.rotationDegrees) * (Math.PI / 180);
  out.shiftRows = symmetric(config.heightShift) * height;
  out.shiftColumns = symmetric(config.widthShift) * width;
  out.zoomRows = rng.uniform(config.zoom?.[0] ?? 1, config.zoom?.[1] ?? 1);
  out.zoomColumns = rng.uniform(config.zoom?.[0] ?? 1, config.zoom?.[1] ?? 1);
  out.flip = rng.next() < (config.horizontalFlip ?? 0);
  out.channelShift = symmetric(config.channelShift);
  const { translate = 0, cutout = 0 } = config;
  out.translateRows = rng.int(2 * translate + 1) - translate;
  out.translateColumns = rng.int(2 * translate + 1) - translate;
  out.cutoutSize = cutout;
  out.cutoutTop = rng.int(height - cutout + 1);
  out.cutoutLeft = rng.int(width - cutout + 1);
  out.brightness = symmetric(config.brightness);
  out.contrast = 1 + symmetric(config.contrast);
  // The last of the stream, and several numbers: drawn where it is asked for only.
  if (config.trivial) drawTrivial(rng, out.trivial);
  else out.trivial.operation = 'identity';
  if (config.alternatingFlip) out.flip = isMirroredFirst(seed, imageIndex) !== (epoch % 2 === 1);
  return out;
}
