import * as v from 'valibot';
import { followsRecipe } from '../config/followsRecipe.js';
import { RECIPE_TEMPERATURES } from '../config/recipeTemperatures.js';
import type { TrainConfig } from '../config/trainOptions.js';
import type { ModelMetadata } from '../io/modelFiles.js';
import { CifarError } from '../util/errors.js';

const temperature = v.pipe(v.number(), v.minValue(0.1), v.maxValue(10));

/** What logits are divided by, each after averaging, to give calibrated probabilities. */
export interface Temperatures {
  /** Of the logits of a single look. */
  single: number;
  /** Of the mean of the logits of the run's own views (--tta). */
  views: number;
  /** Of the mean of several such networks. */
  ensemble: number;
  /** What they were fitted on: images held out of this training, of others by the same recipe, or none, when they are 1. */
  from: 'held-out images' | 'recipe' | 'nothing';
}

export const TEMPERATURES_SCHEMA = v.object({
  single: temperature,
  views: temperature,
  ensemble: temperature,
  from: v.picklist(['held-out images', 'recipe', 'nothing']),
}) satisfies v.GenericSchema<Temperatures>;

/** What is known of a training's temperatures before it is measured on images held out of it. */
export function expectedTemperatures(config: TrainConfig): Temperatures {
  const known =
    config.recipe === 'none' || !followsRecipe(config) ? undefined : RECIPE_TEMPERATURES[config.recipe];
  return known === undefined
    ? { single: 1, views: 1, ensemble: 1, from: 'nothing' }
    : { ...known, from: 'recipe' };
}

/**
 * A saved model's temperatures: its own, or, of one saved before they were kept, what its recipe says today.
 * @throws CifarError when its metadata hold what are none
 */
export function modelTemperatures({ temperatures }: ModelMetadata, config: TrainConfig): Temperatures {
  if (temperatures === undefined) return expectedTemperatures(config);
  const parsed = v.safeParse(TEMPERATURES_SCHEMA, temperatures);
  if (parsed.success) return parsed.output;
  throw new CifarError(
    `The model's metadata are damaged: expected temperatures from 0.1 to 10, got ${JSON.stringify(temperatures)}.`,
  );
}

/**
 * The temperature that an exported model's weights hold already, so that whoever opens it has calibrated answers; 1 of others.
 * @throws CifarError when its metadata hold what is none
 */
export function foldedTemperature({ foldedTemperature: folded = 1 }: ModelMetadata): number {
  const parsed = v.safeParse(temperature, folded);
  if (parsed.success) return parsed.output;
  throw new CifarError(
    `The model's metadata are damaged: expected a folded temperature from 0.1 to 10, got ${JSON.stringify(folded)}.`,
  );
}
