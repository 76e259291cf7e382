import { describe, expect, it } from 'vitest';
import { checkImageSizes, smallSizes } from '../../src/config/imageSizes.js';
import { resolveTrainConfig } from '../../src/config/resolveTrainConfig.js';
import { TRAIN_OPTIONS } from '../../src/config/trainOptions.js';
import { parseOption } from '../../src/config/optionSpec.js';

const THREE = '24,28@0.33,32@0.66';

describe('sizes by epoch', () => {
  it.each([
    ['full', 10, []],
    [THREE, 8.875, [24, 24, 24, 28, 28, 28]],
    [THREE, 3, [24, 28]],
    [THREE, 6, [24, 24, 28, 28]],
    // The last epoch is at full size, whatever the list says.
    [THREE, 1, []],
    [THREE, 2, [24]],
    ['28,32@0.95', 8.25, [28, 28, 28, 28, 28, 28, 28, 28]],
    ['24,32@0.2,28@0.4,32@0.6', 5, [24, undefined, 28]],
  ])('%s of %f epochs', (imageSizes, epochs, expected) => {
    expect(smallSizes({ imageSizes, epochs })).toEqual(expected);
  });

  it.each(['full', THREE, '12,32@.5'])('%s fits images of 32 pixels', (imageSizes) => {
    expect(() => checkImageSizes({ imageSizes }, 32)).not.toThrow();
  });

  it.each([
    ['11,32@0.5', 'expected sizes from 12 to 32 pixels, got 11'],
    ['40,32@0.5', 'expected sizes from 12 to 32 pixels, got 40'],
    ['24,28@0.5', 'expected 32 pixels, the size that a net is judged on, at the end, got 28'],
    ['24,28@0.5,32@0.5', 'expected shares of training that rise, all below 1, got 0.5'],
    ['24,32@0', 'expected shares of training that rise, all below 1, got 0'],
    ['24,32@1', 'expected shares of training that rise, all below 1, got 1'],
  ])('%s is refused', (imageSizes, message) => {
    expect(() => checkImageSizes({ imageSizes }, 32)).toThrow(message);
  });

  it.each(['24', '24x3,32', '24,32', '24,32@', '24@0.5,32@0.7', 'small', '24,32@half'])(
    'the option does not take %s',
    (text) => {
      expect(() => parseOption('imageSizes', TRAIN_OPTIONS.imageSizes, text)).toThrow(
        `--image-sizes: expected one of full or sizes such as ${THREE}`,
      );
    },
  );
});

describe('what belongs to a training in several sizes', () => {
  it.each([
    [{ tailAverage: 4, lookahead: 5 }, '--lookahead and --tail-average both average the weights'],
    [{ tailAverage: 4, lookahead: 5, ema: 0.9 }, '--lookahead and --ema and --tail-average all average'],
    [{ tailDecay: 0.5 }, '--tail-decay needs --tail-average'],
    [{ optimizer: 'muon', muonRescale: [2] }, '--muon-rescale: expected 2 numbers'],
    [{ optimizer: 'muon', muonCoefficients: [1, 2] }, '--muon-coefficients: expected 3 numbers'],
    [{ muonDecay: 0.1 }, '--muon-decay applies to --optimizer muon only'],
    [{ floorShare: 0.1 }, '--floor-share applies to --schedule triangle only'],
    [{ schedule: 'triangle', floorShare: 0.8 }, '--floor-share: expected less than the 0.77 of training'],
  ] as const)('%j is refused', (given, message) => {
    expect(() => resolveTrainConfig(given)).toThrow(message);
  });
});
