import * as v from 'valibot';
import { readJson, share } from '../io/json.js';
import { UsageError } from '../util/errors.js';

/** Of a file that `cifar benchmark` wrote, what a comparison needs. */
const FILE = v.looseObject({
  figures: v.looseObject({
    // The first files name the recipe alone.
    name: v.optional(v.string()),
    recipe: v.string(),
    runs: v.pipe(v.array(v.looseObject({ ttaAccuracy: share })), v.minLength(1)),
  }),
});

/** Another benchmark: what it was of, and each seed's accuracy with the averaged views, 0 to 1. */
export interface OtherBenchmark {
  name: string;
  accuracies: number[];
}

/** @throws UsageError naming the file and what is wrong with it */
export function readBenchmark(path: string): OtherBenchmark {
  const refuse = (reason: string, cause: unknown): UsageError =>
    new UsageError(`Cannot read ${path} as figures of cifar benchmark: ${reason}.`, { cause });
  const { figures } = readJson(path, FILE, refuse);
  return {
    name: figures.name ?? figures.recipe,
    accuracies: figures.runs.map(({ ttaAccuracy }) => ttaAccuracy),
  };
}
