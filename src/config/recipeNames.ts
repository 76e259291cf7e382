/** The names of the sets of options in recipes.ts. */
export const RECIPE_NAMES = [
  'fast94',
  'fast94-2026',
  'fast94-sgd',
  'fast94-muon',
  'fast95',
  'fast95-muon',
  'fast96',
  'fast',
] as const;

export type RecipeName = (typeof RECIPE_NAMES)[number];
