/**
 * Opens a trained model in a real browser, by tfjs alone, and compares its probabilities with those computed here.
 *
 *     npx tsx scripts/check-browser.ts [folder of a model, by default that of the kept one]
 *                                      [--images 500] [--browser /usr/bin/chromium] [--screenshot file.png] [--save]
 *
 * Needs a Chromium (Debian: apt-get install chromium) and the data set. --save keeps the figures in results/browser.json.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CIFAR10 } from '../src/dataset/cifar10.js';
import { loadTest } from '../src/dataset/load.js';
import { openEngine } from '../src/runs/openEngine.js';
import { accuracyOf } from '../src/evaluation/metrics.js';
import { openModel } from '../src/runs/openModel.js';
import { foldedTemperature } from '../src/runs/temperatures.js';
import { scaleLogits } from '../src/nets/scaleLogits.js';
import { naturalOrder } from '../src/dataset/imageSet.js';
import { predictPass } from '../src/evaluation/predict.js';
import { evaluationBatches } from '../src/evaluation/batches.js';
import { browse } from './check-browser/browse.js';
import { type Failed, servePage } from './check-browser/server.js';
import { writeResults } from './lib/results.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    images: { type: 'string', default: '500' },
    browser: { type: 'string', default: '/usr/bin/chromium' },
    screenshot: { type: 'string' },
    save: { type: 'boolean', default: false },
  },
});
const [folder = 'models/cifar10-fast96/last'] = positionals;
const test = loadTest(CIFAR10, { dataDir: 'data', limit: Number(values.images) });

/** The folder of node_modules/@tensorflow. */
const tensorflow = join(dirname(fileURLToPath(import.meta.resolve('@tensorflow/tfjs-core'))), '../..');

/** What the page found. */
interface PageAnswer extends Failed {
  /** A row of class probabilities for each image. */
  probabilities?: number[][];
  backend?: string;
  userAgent?: string;
}

const server = await servePage<PageAnswer>(
  join(import.meta.dirname, 'check-browser/page.html'),
  { '/tfjs/': tensorflow, '/model/': folder },
  { '/images': test.images, '/labels': test.labels },
);

const screenshot =
  values.screenshot === undefined
    ? []
    : [`--screenshot=${values.screenshot}`, '--window-size=1100,800', '--virtual-time-budget=100000'];
const { probabilities, backend, userAgent, error }: PageAnswer = await browse(server, {
  ...{ browser: values.browser, minutes: 2, args: ['--disable-gpu'], screenshot },
});
if (probabilities === undefined)
  throw new Error(`The browser did not compute: ${error ?? 'no reason given'}`);

await openEngine({ backend: 'wasm', precision: 'auto', threads: 0 });
const { model, metadata } = await openModel(folder, CIFAR10);
// As the stored weights answer, with the temperature that is in them.
scaleLogits(model, 1 / foldedTemperature(metadata));
const own = await predictPass(model, evaluationBatches(test), 0, naturalOrder(test.count));
const theirs = Float32Array.from(probabilities.flat());
const largestDifference = own.reduce((worst, value, i) => Math.max(worst, Math.abs(value - theirs[i])), 0);
const figures = {
  model: folder,
  browser: /Chrom(?:e|ium)\/[\d.]+/.exec(userAgent ?? '')?.[0] ?? userAgent ?? 'unknown',
  backend: backend ?? 'unknown',
  images: test.count,
  accuracy: accuracyOf(theirs, test.labels),
  largestDifference,
};
console.log(JSON.stringify(figures));
if (values.save) console.log(writeResults('browser', figures));
// Two ways to compute GELU in single precision; what is NaN fails too.
if (!(largestDifference < 1e-3)) {
  console.log('The browser’s probabilities differ from those computed here.');
  process.exitCode = 1;
}
