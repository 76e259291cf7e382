import type { RecipeName } from '../../../src/config/recipeNames.js';
import { readResult } from './resultFile.js';

/** The steps of a training by one recipe, as scripts/bench-recipes.ts measures them with nothing else running. */
export interface RecipeTime {
  recipe: string;
  minutes: number;
  /** Times those of the last recipe it was measured with. */
  overLast: number;
}

/** Minutes of a training's steps on a processor, by the newest measurement; undefined where there is none. */
export function stepMinutes(folder: string, recipe: RecipeName, cpu: string): number | undefined {
  const groups = readResult<Record<string, RecipeTime[]>>(folder, 'recipe-times')?.figures ?? {};
  return Object.entries(groups)
    .filter(([machine]) => machine.includes(`, ${cpu}, `))
    .flatMap(([, times]) => times.filter((time) => time.recipe === recipe))
    .at(-1)?.minutes;
}
