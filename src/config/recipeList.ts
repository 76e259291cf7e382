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
  const { recipe } = TRAIN_OPTIONS;
  const spec = names.length === 1 ? recipe : { ...recipe, choices: RECIPE_NAMES };
  return names.map((name) => parseOption('recipe', spec, name) as RecipeName);
}
