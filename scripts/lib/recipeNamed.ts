import { RECIPES } from '../../src/config/recipes.js';
import type { TrainConfig } from '../../src/config/trainOptions.js';

/** A recipe's options; undefined of a name that only a network has, or nothing. */
export const recipeNamed = (name: string): Readonly<Partial<TrainConfig>> | undefined =>
  (RECIPES as Partial<Record<string, Readonly<Partial<TrainConfig>>>>)[name];
