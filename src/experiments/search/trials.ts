import { Rng } from '../../util/rng.js';
import type { TrainConfig } from '../../config/trainOptions.js';
import type { Choices, Search } from './searchFile.js';

/** One configuration of a search. */
export interface Trial {
  /** From 0. */
  number: number;
  /** Name of its run. */
  run: string;
  /** The options that are searched. */
  values: Partial<TrainConfig>;
}

/** A stream of its own, apart from those of training. */
const STREAM_OF_TRIALS = 1001;
/** Digits of a value that was drawn: more say nothing, and less can be read. */
const DIGITS = 4;

const rounded = (value: number): number => Number(value.toPrecision(DIGITS));

/** All configurations of a search, in their order: a pure function of its file. */
export function trialsOf(search: Search): Trial[] {
  const all = search.method === 'grid' ? gridOf(search) : drawn(search);
  return all.map((values, number) => ({
    number,
    run: `${search.name}-${number}`,
    values: values,
  }));
}

function gridOf({ space }: Search): Record<string, unknown>[] {
  return Object.entries(space).reduce<Record<string, unknown>[]>(
    (rows, [key, choices]) =>
      rows.flatMap((row) => valuesOf(choices).map((value) => ({ ...row, [key]: value }))),
    [{}],
  );
}

function valuesOf(choices: Choices): readonly unknown[] {
  if (!('from' in choices)) return choices;
  const steps = choices.steps ?? 2;
  return Array.from({ length: steps }, (_, i) => between(choices, i / (steps - 1)));
}

function between({ from, to, scale }: Extract<Choices, { from: number }>, share: number): number {
  return rounded(scale === 'log' ? from * (to / from) ** share : from + (to - from) * share);
}

function drawn({ space, trials, seed }: Search): Record<string, unknown>[] {
  return Array.from({ length: trials }, (_, number) => {
    const rng = new Rng(seed, STREAM_OF_TRIALS, number);
    const entries = Object.entries(space).map(([key, choices]) => [
      key,
      'from' in choices ? between(choices, rng.next()) : choices[rng.int(choices.length)],
    ]);
    return Object.fromEntries(entries) as Record<string, unknown>;
  });
}
