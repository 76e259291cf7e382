/**
 * The test images, written as PNG files, must come back from `cifar predict` with the very probabilities that `cifar evaluate` measures
 * with; and the first answer must come soon after a cold start.
 *
 *   npx tsx scripts/check-predict.ts [--images 10000] [--save]
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CIFAR10 } from '../src/dataset/cifar10.js';
import { imageBytes } from '../src/dataset/descriptor.js';
import { loadTest } from '../src/dataset/load.js';
import { Predictor } from '../src/evaluation/predictor.js';
import { encodePng } from '../src/io/png.js';
import { openEngine } from '../src/runs/openEngine.js';
import { runFolder } from '../src/runs/runFolder.js';
import { median } from '../src/util/statistics.js';
import { ROOT } from './lib/earlierProgram.js';
import { writeResults } from './lib/results.js';

const { values } = parseArgs({
  options: { images: { type: 'string', default: '10000' }, save: { type: 'boolean', default: false } },
});
const test = loadTest(CIFAR10, { dataDir: 'data', limit: Number(values.images) });
const folder = mkdtempSync(join(tmpdir(), 'cifar-predict-'));
mkdirSync(join(folder, 'pictures'));
const bytes = imageBytes(CIFAR10);
for (let i = 0; i < test.count; i++) {
  const rgb = test.images.subarray(i * bytes, (i + 1) * bytes);
  writeFileSync(join(folder, 'pictures', `${i}.png`), encodePng(rgb, 32, 32));
}

function predict(...args: string[]): { seconds: number; stdout: string } {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync('node', [join(ROOT, 'dist/cli.js'), 'predict', ...args], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(stderr);
  return { seconds: (performance.now() - start) / 1000, stdout };
}

try {
  const coldStarts = Array.from({ length: 5 }, () => predict('pictures/0.png').seconds);
  const all = predict('pictures', '--json', '--top', '10');
  const { answers } = JSON.parse(all.stdout) as {
    answers: { classes: { class: string; probability: number }[] }[];
  };
  await openEngine({ backend: 'auto', precision: 'auto', threads: 0 });
  const kept = runFolder(join(ROOT, 'models/cifar10-fast96'));
  const predictor = await Predictor.open(kept, CIFAR10, { weights: 'last', views: 'none' });
  const expected = await predictor.probabilities(test.images);
  const classes = CIFAR10.classNames.length;
  let different = 0;
  answers.forEach((answer, row) => {
    for (const { class: name, probability } of answer.classes) {
      if (probability !== expected[row * classes + CIFAR10.classNames.indexOf(name)]) different++;
    }
  });
  const figures = {
    images: answers.length,
    probabilitiesThatDiffer: different,
    secondsForAll: all.seconds,
    coldStartSeconds: median(coldStarts),
  };
  console.log(JSON.stringify(figures));
  if (different > 0 || answers.length !== test.count) process.exitCode = 1;
  if (values.save) console.log(writeResults('predict', figures));
} finally {
  rmSync(folder, { recursive: true });
}
