import { expect, it } from 'vitest';
import { resolveTrainConfig } from '../../src/config/resolveTrainConfig.js';
import { planOf } from '../../src/commands/ensembleTrain.js';
import { memberPlans } from '../../src/ensembles/ensemblePlan.js';

it("without a recipe it is the article's, whose step schedule takes other boundaries", () => {
  const { base, tta, kinds, name } = planOf({ stepEpochs: [60, 90] });
  expect(base).toMatchObject({ model: 'deep', schedule: 'step', stepEpochs: [60, 90], recipe: 'none' });
  expect({ tta, kinds, name }).toEqual({
    tta: { preset: 'keras', passes: 50, augment: 'normal' },
    kinds: [{ augment: 'normal' }, { augment: 'strong' }],
    name: 'ensemble',
  });
});

it('a recipe brings its augmentation, its views and the names of its runs', () => {
  const plan = planOf({ recipe: 'fast96', members: 2 });
  expect(plan).toMatchObject({
    name: 'fast96',
    tta: { preset: 'multicrop', share: 1 },
    predictionsDir: 'predictions/fast96',
  });
  expect(memberPlans(plan).map(({ config: { augment, seed } }) => [augment, seed])).toEqual([
    ['fast4-cutout', 1],
    ['fast4-cutout', 2],
  ]);
});

it.each([
  [{ recipe: 'fast94' }, ['fast94-s6 pred_6', 'fast94-s7 pred_7']],
  [{ recipe: 'fast94', name: 'mine' }, ['mine-s6 pred_6', 'mine-s7 pred_7']],
  [{ recipe: 'fast94,fast96' }, ['fast94-s6 pred_6', 'fast96-s7 pred_7']],
  [{ model: 'bench' }, ['ensemble-0 pred_0', 'ensemble-1 pred_1']],
])('names runs and predictions of %j so that further seeds find room beside them', (options, names) => {
  const plans = memberPlans(planOf({ ...options, members: 2, seed: 6 }));
  expect(plans.map(({ runName, predictionName }) => `${runName} ${predictionName}`)).toEqual(names);
});

it('an augmentation beside a recipe, as cifar benchmark allows it, goes before the recipe’s', () => {
  const [{ config }] = memberPlans(planOf({ recipe: 'fast94', augment: 'fast4', epochs: 3, members: 1 }));
  expect(config).toMatchObject({ augment: 'fast4', epochs: 3 });
});

it('seeds that cannot be counted up are refused', () => {
  const plan = planOf({ members: 3, seed: Number.MAX_SAFE_INTEGER - 1 });
  expect(() => memberPlans(plan)).toThrow(
    /--seed: 3 trainings take the seeds from it upwards, and .* leaves too few/,
  );
  expect(memberPlans({ ...plan, members: 2 }).at(-1)?.config.seed).toBe(Number.MAX_SAFE_INTEGER);
});

it('several recipes have an equal block of the members each, trained as that recipe says', () => {
  const plan = planOf({ recipe: 'fast96,fast', members: 4, batchSize: 500 });
  expect(plan).toMatchObject({ name: 'fast96+fast', predictionsDir: 'predictions/fast96+fast' });
  const members = memberPlans(plan);
  expect(members.map(({ runName }) => runName)).toEqual(['fast96-s1', 'fast96-s2', 'fast-s3', 'fast-s4']);
  for (const { config } of members) {
    const { recipe, seed } = config;
    expect(config).toEqual(resolveTrainConfig({ recipe, seed, batchSize: 500 }));
  }
});

it.each([
  ['fast49', /--recipe: expected one of none, fast94, .*, got "fast49"\. Did you mean "fast94"\?/],
  ['fast94,fast49', /--recipe: expected one of fast94, .*, got "fast49"/],
  ['fast94,', /--recipe: expected one of fast94, .*, got ""/],
  ['fast94,none', /--recipe: expected one of fast94, .*, got "none"/],
])('refuses --recipe %s', (recipe, message) => {
  expect(() => planOf({ recipe })).toThrow(message);
});

it('refuses fewer members than kinds, and augmentations beside several recipes', () => {
  expect(() => memberPlans(planOf({ recipe: 'fast96,fast', members: 1 }))).toThrow(
    /--members: expected at least one of each kind that --augments or --recipe lists \(2\), got 1/,
  );
  expect(() => planOf({ recipe: 'fast96,fast', augments: 'fast,fast4' })).toThrow(
    /--augments is for members that are trained alike otherwise, and --recipe fast96,fast has 2 kinds/,
  );
});
