/**
 * A recipe's temperatures: trained without a fifth of the training images (the same ones for each seed), fitted on those, never on
 * the test set. First the fit, whose constants go into src/config/recipeTemperatures.ts; then, with those, the test set is looked at.
 *
 *   npx tsx scripts/calibrate.ts --recipe fast94-muon [--seeds 3] [--models-dir models] [--precision auto]
 *   npx tsx scripts/calibrate.ts --recipe fast94-muon --test
 *
 * Both keep their figures in results/calibration.json. Runs that are there already are taken as they are, unfinished ones go on.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { RECIPE_TEMPERATURES } from '../src/config/recipeTemperatures.js';
import { RECIPE_NAMES, type RecipeName } from '../src/config/recipeNames.js';
import { RECIPES } from '../src/config/recipes.js';
import { CIFAR10 } from '../src/dataset/cifar10.js';
import { type ImageSet, splitValidation } from '../src/dataset/imageSet.js';
import { loadTest, loadTrain } from '../src/dataset/load.js';
import { averageViews } from '../src/evaluation/averageViews.js';
import { calibration } from '../src/evaluation/calibration.js';
import { accuracyOf, softmaxRows } from '../src/evaluation/metrics.js';
import { atTemperature, fitTemperature, logitsOf } from '../src/evaluation/temperature.js';
import { logitsModel } from '../src/nets/index.js';
import { openEngine } from '../src/runs/openEngine.js';
import { openModel } from '../src/runs/openModel.js';
import { runFolder } from '../src/runs/runFolder.js';
import { readRunRecord } from '../src/runs/runRecord.js';
import { programCommit } from '../src/util/commit.js';
import { mean, sampleDeviation } from '../src/util/statistics.js';
import { ROOT } from './lib/earlierProgram.js';
import { type Figure, earlierFigures, writeResults } from './lib/results.js';
import { rounded } from './lib/rounded.js';

const SPLIT = { share: 0.2, seed: 1 };

const { values } = parseArgs({
  options: {
    recipe: { type: 'string' },
    seeds: { type: 'string', default: '3' },
    'models-dir': { type: 'string', default: 'models' },
    precision: { type: 'string', default: 'auto' },
    test: { type: 'boolean', default: false },
  },
});
const recipe = RECIPE_NAMES.find((name) => name === values.recipe);
if (recipe === undefined) throw new Error(`--recipe: expected one of ${RECIPE_NAMES.join(', ')}.`);
const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => i + 1);
const modelsDir = values['models-dir'];

/** What a road's logits are worth, as trained and at a temperature. */
function worth(logits: Float32Array, labels: Uint8Array, temperature: number): Figure {
  const measured = (t: number): Figure => {
    const { expectedError, interval, equalMassError, loss, brier } = calibration(
      atTemperature(logits, t),
      labels,
    );
    return { expectedError, interval, equalMassError, loss, brier };
  };
  const accuracy = accuracyOf(logits, labels);
  if (accuracyOf(atTemperature(logits, temperature), labels) !== accuracy) {
    throw new Error('A temperature has changed an answer.');
  }
  return { accuracy, temperature, trained: measured(1), calibrated: measured(temperature) };
}

function train(name: RecipeName, seed: number): string {
  const run = `calibrate-${name}-s${seed}`;
  const folder = runFolder(join(modelsDir, run));
  if (existsSync(folder.record) && readRunRecord(folder).status === 'finished') return folder.path;
  const options = existsSync(folder.record)
    ? ['--resume', folder.path]
    : [
        ...['--recipe', name, '--seed', String(seed), '--name', run, '--models-dir', modelsDir],
        ...['--validation-split', String(SPLIT.share), '--split-seed', String(SPLIT.seed)],
        ...['--precision', values.precision],
      ];
  const { status } = spawnSync('node', ['dist/cli.js', 'train', ...options], { stdio: 'inherit', cwd: ROOT });
  if (status !== 0) throw new Error(`The training of seed ${seed} failed.`);
  return folder.path;
}

interface Looks {
  seed: number;
  single: Float32Array;
  views: Float32Array;
}

async function look(paths: readonly string[], images: ImageSet): Promise<Looks[]> {
  const preset = RECIPES[recipe as RecipeName].tta ?? 'none';
  const looks: Looks[] = [];
  for (const [i, path] of paths.entries()) {
    const { model } = await openModel(runFolder(path).last, CIFAR10);
    const { plain, logits } = await averageViews(logitsModel(model), images, { preset });
    model.dispose();
    looks.push({ seed: seeds[i], single: plain, views: logits });
    console.log(`seed ${seeds[i]}: ${accuracyOf(logits, images.labels)} with views`);
  }
  return looks;
}

/** Logarithms of the mean of the probabilities of all seeds' views, as `cifar ensemble` averages arrays of `cifar tta`. */
function ensembleOf(looks: readonly Looks[]): Float32Array {
  const all = looks.map(({ views }) => softmaxRows(views, CIFAR10.classNames.length));
  return logitsOf(all[0].map((_, i) => mean(all.map((probabilities) => probabilities[i]))));
}

/** Of a temperature, behind the point. */
const DIGITS = 4;

const geometricMean = (of: readonly number[]): number => Math.exp(mean(of.map(Math.log)));

const paths = seeds.map((seed) => train(recipe, seed));
await openEngine({ backend: 'auto', precision: 'f32', threads: 0 });
const earlier = earlierFigures('calibration');
const made = {
  commit: programCommit(ROOT) ?? 'unknown',
  command: ['npx tsx scripts/calibrate.ts', ...process.argv.slice(2)].join(' '),
};

if (values.test) {
  const frozen = RECIPE_TEMPERATURES[recipe];
  if (frozen === undefined)
    throw new Error(`src/config/recipeTemperatures.ts has no constants of ${recipe} yet.`);
  const test = loadTest(CIFAR10, { dataDir: 'data', limit: 0 });
  const looks = await look(paths, test);
  const onTest = {
    ...made,
    single: looks.map(({ seed, single }) => ({
      seed,
      ...(worth(single, test.labels, frozen.single) as object),
    })),
    views: looks.map(({ seed, views }) => ({ seed, ...(worth(views, test.labels, frozen.views) as object) })),
    ...(looks.length > 1 && { ensemble: worth(ensembleOf(looks), test.labels, frozen.ensemble) }),
  };
  console.log(
    writeResults('calibration', {
      ...earlier,
      [recipe]: { ...(earlier[recipe] as Record<string, Figure>), onTest: onTest as unknown as Figure },
    }),
  );
} else {
  const train = loadTrain(CIFAR10, { dataDir: 'data', limit: 0 });
  const { validation } = splitValidation(train, SPLIT.share, SPLIT.seed);
  const { labels } = validation;
  const looks = await look(paths, validation);
  const fitted = looks.map(({ seed, single, views }) => ({
    seed,
    single: worth(single, labels, fitTemperature(single, labels)),
    views: worth(views, labels, fitTemperature(views, labels)),
    petaflop: readRunRecord(runFolder(paths[seeds.indexOf(seed)])).petaflop,
    precision: readRunRecord(runFolder(paths[seeds.indexOf(seed)])).starts.at(-1)?.precision ?? null,
  }));
  const temperatures = (road: 'single' | 'views'): number[] =>
    fitted.map((run) => (run[road] as { temperature: number }).temperature);
  const together = ensembleOf(looks);
  const ensemble = looks.length > 1 ? worth(together, labels, fitTemperature(together, labels)) : null;
  const spread = (road: 'single' | 'views'): number | null =>
    looks.length > 1 ? sampleDeviation(temperatures(road)) : null;
  const ofViews = geometricMean(temperatures('views'));
  const entry = {
    ...made,
    heldOutImages: labels.length,
    temperatures: {
      single: rounded(geometricMean(temperatures('single')), DIGITS),
      views: rounded(ofViews, DIGITS),
      // One training has no ensemble: several together are no surer than each, so that this is nearer than 1.
      ensemble: rounded((ensemble as { temperature: number } | null)?.temperature ?? ofViews, DIGITS),
    },
    deviations: { single: spread('single'), views: spread('views') },
    heldOut: { runs: fitted, ensemble },
  };
  console.log(JSON.stringify(entry.temperatures), JSON.stringify(entry.deviations));
  console.log(writeResults('calibration', { ...earlier, [recipe]: entry as unknown as Figure }));
}
