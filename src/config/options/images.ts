import { NET_NAMES, type NetName } from '../../nets/names.js';
import { FULL_SIZE, SIZE_LIST } from '../imageSizes.js';
import type { OptionSpec } from '../optionSpec.js';
import { GROUPS } from './groups.js';

/** Which images a step takes, and their size. */
export interface ImagesConfig {
  imageSizes: string;
  splitSeed: number;
  hardShare: number;
  proxy: NetName | 'auto';
}

export const IMAGES_OPTIONS: Record<keyof ImagesConfig, OptionSpec> = {
  imageSizes: {
    group: GROUPS.images,
    type: 'choice',
    choices: [FULL_SIZE],
    orElse: { matches: SIZE_LIST, what: 'sizes such as 24,28@0.33,32@0.66' },
    default: FULL_SIZE,
    placeholder: 'list',
    description:
      'sides of the training images, shrunk after augmentation: 24,28@0.33,32@0.66 is 24 pixels, 28 from a third of training on, 32 from two thirds on; the last epoch is always at full size',
  },
  splitSeed: {
    group: GROUPS.images,
    type: 'integer',
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    default: 0,
    placeholder: 'n',
    description:
      'seed of the draw of the held-out images alone, so that runs of several seeds hold out the same ones; 0 = as --seed',
  },
  hardShare: {
    group: GROUPS.images,
    type: 'number',
    min: 0.01,
    max: 1,
    default: 1,
    placeholder: 'share',
    description:
      'train on this share of each batch only: the images on which a small net trained alongside, the proxy, has the largest loss; the others count as losses of 0 in the mean',
  },
  proxy: {
    group: GROUPS.images,
    type: 'choice',
    choices: ['auto', ...NET_NAMES],
    default: 'auto',
    placeholder: 'name',
    description:
      'network that picks the images of --hard-share; auto takes fast-proxy, or fast-proxy-muon with --optimizer muon',
  },
};
