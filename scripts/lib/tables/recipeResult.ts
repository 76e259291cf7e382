import type { RecipeName } from '../../../src/config/recipeNames.js';
import { readResult, type ResultFile } from './resultFile.js';

/** What `cifar benchmark` keeps of a recipe. */
export interface RecipeFigures {
  config: { epochs: number };
  runs: { ttaAccuracy: number }[];
  accuracy: { mean: number };
  /** Of one training, a mean. */
  trainingSeconds: number;
  petaflop: number;
  ensemble: { accuracy: number; trainingSeconds: number };
}

/** The recipes in the order of their accuracy, and what the mean of each is held against. */
const GOALS: readonly (readonly [recipe: RecipeName, goal: number])[] = [
  ['fast94', 0.94],
  ['fast94-2026', 0.94],
  ['fast94-muon', 0.94],
  ['fast94-sgd', 0.94],
  ['fast95', 0.95],
  ['fast', 0.9507],
  ['fast96', 0.96],
];

/** A recipe whose trainings are kept. */
export interface RecipeResult extends ResultFile<RecipeFigures> {
  recipe: RecipeName;
  goal: number;
}

/** Those kept in a folder of results. */
export const recipeResults = (folder: string): RecipeResult[] =>
  GOALS.flatMap(([recipe, goal]) => {
    const result = readResult<RecipeFigures>(folder, recipe);
    return result === undefined ? [] : { recipe, goal, ...result };
  });

export const minutes = (seconds: number): string => `${(seconds / 60).toFixed(1)} min`;
