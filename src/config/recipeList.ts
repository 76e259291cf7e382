import { parseOption } from './optionSpec.js';
import { RECIPE_NAMES, type RecipeName } from './recipeNames.js';
import { TRAIN_OPTIONS } from './trainOptions.js';

/**
 * The recipes that `--recipe` names of an ensemble, with commas between; none of "none".
 * @throws UsageError naming what there is
 */
export function recipeList(text: string): RecipeName[] {
  if (text === 'none') return [];
  const names = text.split(',');
  const choices = [...(names.length === 1 ? ['none'] : []), ...RECIPE_NAMES];
  return names.map((name) => parseOption('recipe', { ...TRAIN_OPTIONS.recipe, choices }, name) as RecipeName);
}
