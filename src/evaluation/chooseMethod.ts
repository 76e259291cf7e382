import { flagOf } from '../config/optionSpec.js';
import type { TrainConfig } from '../config/trainOptions.js';
import type { ViewPreset } from '../dataset/views/index.js';
import { UsageError } from '../util/errors.js';
import { usableAugment } from './ownAugment.js';
import type { WantedMethod } from './predictionFile.js';

export interface MethodOptions {
  /** `auto`: what the run was trained with, its views, else passes under its augmentation, else two views. */
  preset: 'auto' | 'keras' | ViewPreset;
  /** Of `keras`. */
  passes: number;
  /** Of `keras`: a preset or a file; `auto`: the run's own. */
  augment: string;
  /** Of `keras`. */
  seed: number;
  /** Of views: the share of the images, the least sure, that get them; in (0, 1]. */
  share: number;
}

const ONLY_KERAS = ['passes', 'augment', 'seed', 'batchSize', 'workers'] as const;

/**
 * What is to be averaged.
 * @param given what was asked for by name
 * @param own how the run was trained
 * @throws UsageError when something was asked for that has no effect
 */
export function chooseMethod(
  options: MethodOptions,
  given: Readonly<Partial<Record<(typeof ONLY_KERAS)[number] | 'share', unknown>>>,
  own: Pick<TrainConfig, 'tta' | 'augment'>,
): WantedMethod {
  const { passes, seed, share } = options;
  const ownAugment = usableAugment(own.augment);
  const augment = options.augment === 'auto' ? (ownAugment ?? 'normal') : options.augment;
  const asksForPasses = ONLY_KERAS.find((key) => given[key] !== undefined);
  const auto = (): 'keras' | ViewPreset => {
    if (asksForPasses !== undefined) return 'keras';
    if (own.tta !== 'none') return own.tta;
    return ownAugment === undefined ? 'flip' : 'keras';
  };
  const preset = options.preset === 'auto' ? auto() : options.preset;
  const unused = preset === 'keras' ? (given.share === undefined ? undefined : 'share') : asksForPasses;
  if (unused !== undefined) {
    throw new UsageError(`${flagOf(unused)} has no effect with --preset ${preset}: leave one out.`);
  }
  if (preset === 'none' && share < 1) {
    throw new UsageError(
      '--share has no effect with --preset none, which has no views to give: leave one out.',
    );
  }
  return preset === 'keras' ? { preset, passes, augment, seed } : { preset, share };
}
