import { RECIPE_NAMES, type RecipeName } from '../../src/config/recipeNames.js';
import { RECIPES } from '../../src/config/recipes.js';
import type { TrainConfig } from '../../src/config/trainOptions.js';

export function isRecipe(name: string): name is RecipeName {
  return (RECIPE_NAMES as readonly string[]).includes(name);
}

/** A recipe's options; undefined of a name that only a network has, or nothing. */
export const recipeNamed = (name: string): Readonly<Partial<TrainConfig>> | undefined =>
  isRecipe(name) ? RECIPES[name] : undefined;

/** The network of a recipe, or of that name. */
export const networkNamed = (name: string): string => recipeNamed(name)?.model ?? name;
