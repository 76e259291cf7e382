// From a fresh clone to a trained network: sets up, trains on real data, evaluates, averages augmented passes, draws the
// curves, and says what came out and where it lies. Calling it again trains again under a new name.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const USAGE = `node scripts/quickstart.mjs [recipe]

Sets up (two minutes, the first time), trains a network by a recipe, measures it, averages several views of each image, and
draws what came of it. Recipes, with the time that two cores with bf16 take: fast94 (94 %, six minutes, the default),
fast (95 %, 25 minutes), fast96 (96 %, an hour); without bf16 several times that (it says how long after its first steps).
Where oneDNN cannot be used, a graphics card trains the same (no card's time is known yet); where there is neither, a small
network is trained on a slice of the data instead, in some minutes.
Ctrl-C saves the training; it then says how to go on.`;

const RECIPES = [
  'fast94',
  'fast94-2026',
  'fast94-sgd',
  'fast94-muon',
  'fast95',
  'fast95-muon',
  'fast96',
  'fast',
];

const words = process.argv.slice(2);
if (words.some((word) => word === '--help' || word === '-h')) {
  process.stdout.write(`${USAGE}\n`);
  process.exit(0);
}
const [recipe = 'fast94', ...rest] = words;
if (rest.length > 0 || !RECIPES.includes(recipe)) {
  process.stderr.write(
    `Expected one of the recipes ${RECIPES.join(', ')}, got "${words.join(' ')}".\n\n${USAGE}\n`,
  );
  process.exit(2);
}

const step = (line) => process.stdout.write(`\n── ${line}\n`);

/** Runs a program of the project's, and ends with its code when it fails. */
function run(args, options = {}) {
  const { status, signal, stdout } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    ...options,
  });
  if (status !== 0) process.exit(status ?? (signal === 'SIGINT' ? 130 : 1));
  return stdout;
}
const cifar = (...args) => run(['dist/cli.js', ...args]);

// Ctrl-C reaches the program that trains, too: it saves the run and ends, and so does this.
process.on('SIGINT', () => undefined);

step('Setting up');
run(['scripts/setup.mjs']);
const backends = run(['dist/cli.js', 'backends', '--json'], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
const { auto } = JSON.parse(backends);
const isFast = auto !== 'wasm';
const name = `quickstart-${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}`;

// The portable backend computes tens of images a second; a mild augmentation, so that a short training gains from it.
const slice = ['--limit-test', '1000'];
const augment = ['--augment', 'scripts/quickstart-augment.json'];
const small = [
  '--model',
  'bench',
  ...augment,
  ...slice,
  '--limit-train',
  '3000',
  '--batch-size',
  '50',
  '--epochs',
  '4',
];

step(
  isFast
    ? `Training by the recipe ${recipe}${auto === 'webgpu' ? ' on the graphics card' : ''}`
    : 'Training on a slice of the data: neither oneDNN nor a graphics card is usable here (npx cifar backends says why)',
);
cifar('train', '--name', name, ...(isFast ? ['--recipe', recipe] : small));
step('Measuring it: each class, what is taken for what, how sure it is');
cifar('evaluate', name, ...(isFast ? [] : slice));
step('Averaging several views of each image');
cifar('tta', name, ...(isFast ? [] : [...slice, ...augment, '--passes', '2']));
step('Drawing what it trained on');
cifar('samples', '--out', join('models', name, 'samples'));

step('Putting all of it into one file');
cifar('report', name, ...(isFast ? [] : slice));

const readJson = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const record = readJson(`models/${name}/run.json`);
const tta = readJson(`predictions/${name}.json`);
const percent = (share) => `${(share * 100).toFixed(2)} %`;
step('Done');
process.stdout.write(
  `Of ${record.validationImages} test photographs the network named ${percent(record.last.accuracy)} rightly, and ${percent(tta.accuracy)} by ${Number(tta.forwards.toFixed(2))} looks at each (guessing: 10 %).
The run (models, curves, history, confusion matrix): models/${name}/
All of it in one file, for any browser:              models/${name}/report.html
Its averaged predictions:                            predictions/${name}.npy
Next:  npx cifar serve --open    npx cifar train --help    npx cifar runs
`,
);
