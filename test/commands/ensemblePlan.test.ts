import { expect, it } from 'vitest';
import { planOf } from '../../src/commands/ensembleTrain.js';
import { memberPlans } from '../../src/ensembles/ensemblePlan.js';

it("without a recipe it is the article's, whose step schedule takes other boundaries", () => {
  const { base, tta, augments, name } = planOf({ stepEpochs: [60, 90] });
  expect(base).toMatchObject({ model: 'deep', schedule: 'step', stepEpochs: [60, 90], recipe: 'none' });
  expect({ tta, augments, name }).toEqual({
    tta: { preset: 'keras', passes: 50, augment: 'normal' },
    augments: ['normal', 'strong'],
    name: 'ensemble',
  });
});

it('a recipe brings its augmentation, its views and the names of its runs', () => {
  expect(planOf({ recipe: 'fast96', members: 2 })).toMatchObject({
    name: 'fast96',
    isNamedBySeed: true,
    augments: ['fast4-cutout'],
    tta: { preset: 'multicrop', share: 1 },
    predictionsDir: 'predictions/fast96',
  });
});

it.each([
  [{ recipe: 'fast94' as const }, ['fast94-s6 pred_6', 'fast94-s7 pred_7']],
  [{ model: 'bench' as const }, ['ensemble-0 pred_0', 'ensemble-1 pred_1']],
])('names runs and predictions of %j so that further seeds find room beside them', (options, names) => {
  const plans = memberPlans(planOf({ ...options, members: 2, seed: 6 }));
  expect(plans.map(({ runName, predictionName }) => `${runName} ${predictionName}`)).toEqual(names);
});

it('an augmentation beside a recipe, as cifar benchmark allows it, goes before the recipe’s', () => {
  const { augments, base } = planOf({ recipe: 'fast94', augment: 'fast4', epochs: 3, members: 1 });
  expect(augments).toEqual(['fast4']);
  expect(base).toMatchObject({ augment: 'fast4', epochs: 3 });
});

it('seeds that cannot be counted up are refused', () => {
  const plan = planOf({ members: 3, seed: Number.MAX_SAFE_INTEGER - 1 });
  expect(() => memberPlans(plan)).toThrow(
    /--seed: 3 trainings take the seeds from it upwards, and .* leaves too few/,
  );
  expect(memberPlans({ ...plan, members: 2 }).at(-1)?.config.seed).toBe(Number.MAX_SAFE_INTEGER);
});
