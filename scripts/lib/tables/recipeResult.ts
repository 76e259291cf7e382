import type { RecipeName } from '../../../src/config/recipeNames.js';
import { NOTABLE_CORES } from '../../../src/runs/runRecord.js';
import { readResult, type ResultFile } from './resultFile.js';

interface RecipeRun {
  ttaAccuracy: number;
  /** Of each start, where it was written down; before, all were in bf16. */
  computed?: { precision: string }[] | null;
  /** Kept busy by other programs meanwhile, on average. */
  othersCores?: number | null;
}

/** What `cifar benchmark` keeps of a recipe. */
export interface RecipeFigures {
  config: { epochs: number };
  runs: RecipeRun[];
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
  ['fast95-muon', 0.9507],
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

/** Whether other programs kept the machine busy too while it trained. */
export const isShared = ({ runs }: Pick<RecipeFigures, 'runs'>): boolean =>
  runs.some(({ othersCores }) => (othersCores ?? 0) >= NOTABLE_CORES);

/** A time of a recipe's trainings, and what tells it from one in bf16 with nothing else running. */
export function timeTaken(figures: Pick<RecipeFigures, 'runs'>, seconds: number): string {
  const precisions = new Set(
    figures.runs.flatMap(({ computed }) =>
      (computed ?? [{ precision: 'bf16' }]).map(({ precision }) => precision),
    ),
  );
  const apart = [
    ...[...precisions].filter((precision) => precision !== 'bf16'),
    ...(isShared(figures) ? ['shared machine'] : []),
  ];
  return `${(seconds / 60).toFixed(1)} min${apart.length === 0 ? '' : ` (${apart.join(', ')})`}`;
}
