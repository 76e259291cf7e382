/**
 * Trains in a real browser, by the engine's entry `cifar/webgpu`, and compares each step's loss with the same training here.
 *
 *     npx tsx scripts/check-webgpu-browser.ts [--steps 8] [--batch 32] [--browser /usr/bin/chromium] [--screenshot file.png] [--save]
 *
 * Needs a Chromium (Debian: apt-get install chromium), the data set and `npm install --no-save @tensorflow/tfjs-backend-webgpu@4.22.0`. Without a
 * graphics card the browser computes on SwiftShader. --save keeps the figures in results/webgpu-browser.json.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { CIFAR10 } from '../src/dataset/cifar10.js';
import { loadTrain } from '../src/dataset/load.js';
import { selectBackend } from '../src/engine/select.js';
import { browse } from './check-browser/browse.js';
import { type Failed, servePage } from './check-browser/server.js';
import { type StepFigures, trainSteps } from './check-webgpu-browser/steps.js';
import { writeResults } from './lib/results.js';

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '8' },
    batch: { type: 'string', default: '32' },
    browser: { type: 'string', default: '/usr/bin/chromium' },
    screenshot: { type: 'string' },
    save: { type: 'boolean', default: false },
  },
});
/** SwiftShader is slow, and compiles each kernel first. */
const MINUTES = 10;
/** Of the first step's loss; then rounding grows from step to step, on any two machines. */
const TOLERANCE = 1e-5;
/** Share of the first loss that the last must be below. */
const LEARNED = 0.75;

const options = { steps: Number(values.steps), batchSize: Number(values.batch) };
// So few that some steps are enough to learn them.
const slice = loadTrain(CIFAR10, { dataDir: 'data', limit: 2 * options.batchSize });

await selectBackend('wasm');
const expected = await trainSteps(slice, options, () => undefined);

const { outputFiles } = await build({
  entryPoints: [join(import.meta.dirname, 'check-webgpu-browser/page.js')],
  ...{ bundle: true, write: false, format: 'esm', platform: 'browser', target: 'es2022', logLevel: 'error' },
  alias: { 'node:fs': join(import.meta.dirname, 'check-webgpu-browser/noFiles.js') },
});
const text = (json: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(json));

/** What the page found. */
interface PageAnswer extends Failed {
  figures?: StepFigures[];
  device?: string;
  checkSeconds?: number;
}

const server = await servePage<PageAnswer>(
  join(import.meta.dirname, 'check-webgpu-browser/page.html'),
  {},
  {
    ...{ '/page.js': outputFiles[0].contents, '/options': text({ ...options, expected }) },
    ...{ '/images': slice.images, '/labels': slice.labels },
  },
);

const screenshot =
  values.screenshot === undefined
    ? []
    : [`--screenshot=${values.screenshot}`, '--window-size=900,800', `--timeout=${MINUTES * 60_000}`];
const {
  figures,
  device = '',
  checkSeconds = 0,
  error,
}: PageAnswer = await browse(server, {
  ...{ browser: values.browser, minutes: MINUTES, args: ['--enable-unsafe-webgpu'], screenshot },
});
if (figures === undefined) throw new Error(error ?? 'The page gave no answer.');
const differences = figures.map(({ loss }, i) => Math.abs(loss - expected[i].loss) / expected[i].loss);
const [first, last] = [figures[0], figures[figures.length - 1]];
console.log(
  `${device}: ${figures.length} steps, loss ${first.loss.toFixed(4)} → ${last.loss.toFixed(4)}, difference from Node.js ${differences[0].toExponential(1)} of the first loss, ${Math.max(...differences).toExponential(1)} of any; kernels tried in ${checkSeconds.toFixed(0)} s`,
);
if (values.save) {
  console.log(
    writeResults('webgpu-browser', {
      ...{
        net: 'fast-proxy-muon',
        device,
        ...options,
        differences: differences.map((one) => Number(one.toExponential(1))),
      },
      ...{ losses: figures.map(({ loss }) => loss), expected: expected.map(({ loss }) => loss) },
    }),
  );
}
process.exit(differences[0] <= TOLERANCE && last.loss < LEARNED * first.loss ? 0 : 1);
