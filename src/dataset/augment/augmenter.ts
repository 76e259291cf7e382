import type { ChannelStatistics, ImageShape } from '../descriptor.js';
import { affineMatrix, isIdentityWarp } from './affineMatrix.js';
import { channelShift } from './channelShift.js';
import type { AugmentConfig } from './config.js';
import { cutout } from './cutout.js';
import { horizontalFlip } from './horizontalFlip.js';
import { jitter } from './jitter.js';
import { identityParameters, sampleParameters, type AugmentParameters } from './parameters.js';
import { bytesToFloats } from './pixels.js';
import { createTrivial } from './trivial/index.js';
import { warpAffine } from './warpAffine.js';
import { windowToFloats } from './windowToFloats.js';

/** What, besides the image and the epoch, decides the result. */
export interface AugmenterSettings {
  readonly imageShape: ImageShape;
  /** The units of contrast and brightness; cutout fills its square with the means. */
  readonly statistics: ChannelStatistics;
  readonly augment: AugmentConfig;
  readonly seed: number;
  /** Of `STREAM`: `augment`, or `testTimeAugment` with the pass in place of the epoch. */
  readonly stream: number;
}

/** Makes images ready for a network; buffers are reused, so that no image allocates. */
export interface Augmenter {
  /**
   * Applies given parameters to one image: translation, warp, channel shift, flip, TrivialAugment, brightness and contrast, cutout.
   * @param src uint8, NHWC
   * @param srcOffset element of `src` where the image begins
   * @param dst float32 in [0, 1], NHWC
   * @param dstOffset element of `dst` where the result begins
   */
  apply(
    parameters: AugmentParameters,
    src: Uint8Array,
    srcOffset: number,
    dst: Float32Array,
    dstOffset: number,
  ): void;
  /**
   * Draws the parameters of an image in an epoch and applies them.
   * @param images the whole set, uint8, NHWC
   */
  augment(images: Uint8Array, imageIndex: number, epoch: number, dst: Float32Array, dstOffset: number): void;
}

/** @throws RangeError if images do not have three channels, or are too small for the translation or the cutout */
export function createAugmenter(settings: AugmenterSettings): Augmenter {
  const { imageShape, statistics, augment: config, seed, stream } = settings;
  const [height, width, channels] = imageShape;
  if (channels !== 3)
    throw new RangeError(`Images must have three channels, but the shape is ${imageShape.join('×')}.`);
  const side = Math.min(height, width);
  if ((config.translate ?? 0) >= side || (config.cutout ?? 0) > side)
    throw new RangeError(
      `Images of ${imageShape.join('×')} are too small to translate by ${config.translate ?? 0} pixels and cut out ${config.cutout ?? 0}.`,
    );
  const length = height * width * channels;
  const scratch = new Float32Array(length);
  const trivial = createTrivial(height, width);
  const matrix = new Float64Array(6);
  const parameters = identityParameters();
  const isNone = Object.keys(config).length === 0;

  const apply: Augmenter['apply'] = (p, src, srcOffset, dst, dstOffset) => {
    const { translateRows: rows, translateColumns: columns } = p;
    // Keras warps float images, so bytes become floats first: the interpolation then sees the same numbers.
    if (isIdentityWarp(p)) {
      windowToFloats(src, srcOffset, dst, dstOffset, height, width, rows, columns);
    } else {
      windowToFloats(src, srcOffset, scratch, 0, height, width, rows, columns);
      affineMatrix(p, height, width, matrix);
      warpAffine(scratch, 0, dst, dstOffset, height, width, matrix);
    }
    if (p.channelShift !== 0) channelShift(dst, dstOffset, length, p.channelShift);
    if (p.flip) horizontalFlip(dst, dstOffset, height, width);
    trivial(p.trivial, dst, dstOffset);
    if (p.brightness !== 0 || p.contrast !== 1) jitter(dst, dstOffset, length, p, statistics);
    if (p.cutoutSize > 0) {
      cutout(dst, dstOffset, width, p.cutoutTop, p.cutoutLeft, p.cutoutSize, statistics.means);
    }
  };

  return {
    apply,
    augment(images, imageIndex, epoch, dst, dstOffset) {
      if (isNone) {
        bytesToFloats(images, imageIndex * length, dst, dstOffset, length);
        return;
      }
      sampleParameters(config, seed, epoch, imageIndex, stream, height, width, parameters);
      apply(parameters, images, imageIndex * length, dst, dstOffset);
    },
  };
}
