/**
 * What the training of one recipe takes over that of another on this machine: a step of each on each size of its images, in turn, so that a slow
 * spell of the machine falls on all alike, times how many of them a training has. Validation and starting are left out.
 *
 *     npx tsx scripts/bench-recipes.ts [--recipes fast94,fast94-muon] [--precision auto] [--rounds 5] [--threads 2] [--save]
 *
 * --save keeps the figures in results/recipe-times.json.
 */
import os from 'node:os';
import { parseArgs } from 'node:util';
import { smallSizes } from '../src/config/imageSizes.js';
import { resolveTrainConfig } from '../src/config/resolveTrainConfig.js';
import { CIFAR10 } from '../src/dataset/cifar10.js';
import { totalSteps } from '../src/training/position.js';
import { stretches } from '../src/training/stretches.js';
import { median } from '../src/util/statistics.js';
import { type Contestant, ourContestant } from './bench-engine/protocol.js';
import { isRecipe } from './lib/recipeNamed.js';
import { type Figure, earlierFigures, writeResults } from './lib/results.js';
import { rounded } from './lib/rounded.js';

const { values } = parseArgs({
  options: {
    recipes: { type: 'string', default: 'fast94,fast94-muon' },
    precision: { type: 'string', default: 'auto' },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    save: { type: 'boolean', default: false },
  },
});
const { precision, threads } = values;

const [FULL_SIDE] = CIFAR10.imageShape;

/** Steps of a recipe on images of one size. */
interface Part {
  readonly recipe: string;
  readonly side: number;
  readonly steps: number;
  readonly contestant: Contestant;
  readonly seconds: number[];
}

function partsOf(recipe: string): Part[] {
  if (!isRecipe(recipe)) throw new RangeError(`--recipes: expected names of recipes, got ${recipe}.`);
  const config = resolveTrainConfig({ recipe });
  const { batchSize, epochs } = config;
  const stepsPerEpoch = Math.floor(CIFAR10.trainImages / batchSize);
  const course = { stepsPerEpoch, smallSizes: smallSizes(config), freezeBegin: Infinity };
  const stepsOf = new Map<number, number>();
  for (const { from, to, side = FULL_SIDE } of stretches(0, totalSteps(epochs, stepsPerEpoch), course)) {
    stepsOf.set(side, (stepsOf.get(side) ?? 0) + to - from);
  }
  return [...stepsOf].map(([side, steps]) => {
    const what = { backend: 'onednn', precision, threads, batch: String(batchSize), side: String(side) };
    const contestant = ourContestant(`${recipe} at ${side} pixels`, { ...what, net: recipe });
    return { recipe, side, steps, contestant, seconds: [] };
  });
}

const names = values.recipes.split(',');
const parts = names.flatMap(partsOf);
for (const { contestant } of parts) for (let i = 0; i < 2; i++) await contestant.ask('recipeStep');
const rounds = Number(values.rounds);
for (let round = 0; round < rounds; round++) {
  for (const { contestant, seconds } of parts) seconds.push(await contestant.turn('recipeStep'));
}
const { instructions } = await parts[0].contestant.ask<{ instructions: string }>('memory');
for (const { contestant } of parts) await contestant.end();

/** Seconds of a recipe's steps, as each round had them. */
const trainingsOf = (name: string): number[] =>
  Array.from({ length: rounds }, (_, round) =>
    parts
      .filter(({ recipe }) => recipe === name)
      .reduce((sum, { steps, seconds }) => sum + steps * seconds[round], 0),
  );
const last = trainingsOf(names[names.length - 1]);
const figures = names.map((name): Figure => {
  const trainings = trainingsOf(name);
  const ratios = trainings.map((seconds, round) => rounded(seconds / last[round]));
  return {
    recipe: name,
    minutes: rounded(median(trainings) / 60),
    overLast: median(ratios),
    ratios,
    sizes: parts
      .filter(({ recipe }) => recipe === name)
      .map(({ side, steps, seconds }) => ({ side, steps, stepSeconds: rounded(median(seconds)) })),
  };
});
console.log(JSON.stringify(figures, null, 2));
if (values.save) {
  const key = `${values.recipes}, ${precision}, ${os.cpus()[0].model.trim()}, ${instructions}`;
  console.log(writeResults('recipe-times', { ...earlierFigures('recipe-times'), [key]: figures }));
}
