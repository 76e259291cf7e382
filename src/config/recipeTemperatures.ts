import type { RecipeName } from './recipeNames.js';

/** What a recipe's logits are to be divided by: those of a single look, the mean of its views', an ensemble's. */
export interface RecipeTemperatures {
  single: number;
  views: number;
  ensemble: number;
}

/**
 * Fitted on a fifth of the training images, held out, over several seeds, before the test set was looked at:
 * results/calibration.json, made by scripts/calibrate.ts. Of `fast96` one seed, without an ensemble to fit on: its members' views stand in.
 */
export const RECIPE_TEMPERATURES: Readonly<Partial<Record<RecipeName, RecipeTemperatures>>> = {
  fast94: { single: 0.5971, views: 0.5646, ensemble: 0.5348 },
  'fast94-2026': { single: 0.6025, views: 0.5712, ensemble: 0.541 },
  'fast94-sgd': { single: 0.5033, views: 0.4785, ensemble: 0.4594 },
  'fast94-muon': { single: 0.4875, views: 0.4625, ensemble: 0.4418 },
  fast96: { single: 0.5346, views: 0.512, ensemble: 0.512 },
};
