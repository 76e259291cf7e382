import type { TrainConfig } from '../config/trainOptions.js';
import { smallSizes } from '../config/imageSizes.js';
import { totalSteps } from './position.js';
import type { Course } from './stretches.js';

/** Updates after which the first group of convolutions stays as it is; Infinity: never. */
export function freezeBegin(
  { freezeAt, epochs }: Pick<TrainConfig, 'freezeAt' | 'epochs'>,
  stepsPerEpoch: number,
): number {
  return freezeAt === 0 ? Infinity : Math.round(freezeAt * totalSteps(epochs, stepsPerEpoch));
}

/** What the arithmetic of a run's updates depends on. */
export function courseOf(config: TrainConfig, stepsPerEpoch: number): Course {
  return {
    stepsPerEpoch,
    smallSizes: smallSizes(config),
    freezeBegin: freezeBegin(config, stepsPerEpoch),
  };
}
