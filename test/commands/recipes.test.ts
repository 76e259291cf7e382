import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runFolder } from '../../src/runs/runFolder.js';
import { readRunRecord } from '../../src/runs/runRecord.js';
import { runCli } from '../helpers/cli.js';
import { DATA_DIR, temporaryFolder } from '../helpers/folders.js';

const DATA = ['--data-dir', DATA_DIR, '--limit-test', '40'];
const TINY = [
  ...DATA,
  '--recipe',
  'fast94-sgd',
  '--model',
  'fast-proxy',
  '--limit-train',
  '64',
  '--batch-size',
  '32',
  '--epochs',
  '1.5',
];

interface Benchmark {
  command: string;
  figures: {
    recipe: string;
    runs: { seed: number; ttaAccuracy: number; imagesPerSecond: number; petaflop: number }[];
    accuracy: { mean: number };
    ttaAccuracy: { mean: number; deviation: number };
    ensemble: { accuracy: number; accuracyBySize: number[] };
  };
}

/** What the seeds are held against. */
interface Judged {
  figures: { threshold?: object; against?: object };
}

async function succeed(args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await runCli(args, cwd);
  expect(`${stderr} → ${code}`).toMatch(/→ 0$/);
  return stdout;
}

it('a benchmark with images held out is judged on them, and looks at no test image', async () => {
  const cwd = temporaryFolder();
  const tiny = TINY.filter((word) => word !== '--limit-test' && word !== '40');
  const args = ['benchmark', ...tiny, '--validation-split', '0.25', '--seeds', '2', '--name', 'held'];
  const { figures } = JSON.parse(await succeed([...args, '--epochs', '1', '--json'], cwd)) as {
    figures: { judgedOn: string; ensemble: null; runs: { ttaAccuracy: number; accuracy: number }[] };
  };
  expect(figures).toMatchObject({ judgedOn: 'held-out training images', ensemble: null });
  for (const [i, run] of figures.runs.entries()) {
    const { tta, last, validationImages } = readRunRecord(runFolder(join(cwd, `models/held-s${i + 1}`)));
    expect([run.accuracy, run.ttaAccuracy]).toEqual([last?.accuracy, tta?.accuracy]);
    expect(validationImages).toBeGreaterThan(10);
  }
  expect(existsSync(join(cwd, 'models/held-predictions'))).toBe(false);
  const text = await succeed([...args, '--epochs', '1', '--collect'], cwd);
  expect(text).toMatch(
    /^Accuracy is measured on the 25 % of the training images that were held out; the test set/m,
  );
});

it(
  'a recipe is benchmarked over seeds; its runs are an ensemble, and one is exported',
  { timeout: 300_000 },
  async () => {
    const cwd = temporaryFolder();
    const text = await succeed(['benchmark', ...TINY, '--seeds', '2', '--out', 'kept.json'], cwd);
    expect(text).toMatch(
      /^fast94-sgd .*--epochs 1\.5.*: 2 seeds, mean ± deviation between seeds\nAccuracy is measured on the first 40 test images\. /m,
    );
    expect(text).toMatch(
      /^accuracy \d+\.\d\d % ± \d+\.\d\d, the true mean between -?\d+\.\d\d % and \d+\.\d\d % with 95 % confidence$/m,
    );
    // Views are looked at for the prediction arrays only.
    expect(readRunRecord(runFolder(join(cwd, 'models/fast94-sgd-s1'))).tta).toBeUndefined();
    const { command, figures } = JSON.parse(readFileSync(join(cwd, 'kept.json'), 'utf8')) as Benchmark;
    expect(command).toMatch(/^npx cifar benchmark .*--seeds 2 --out kept\.json$/);
    expect(figures.runs.map(({ seed }) => seed)).toEqual([1, 2]);
    const [first, second] = figures.runs;
    expect(figures.ttaAccuracy.mean).toBeCloseTo((first.ttaAccuracy + second.ttaAccuracy) / 2, 10);
    expect(figures.ttaAccuracy.deviation).toBeCloseTo(
      Math.abs(first.ttaAccuracy - second.ttaAccuracy) / Math.SQRT2,
      10,
    );
    // Three steps of 32 images, 3 × 0.0338 GFLOP each.
    expect(first.petaflop).toBeCloseTo((3 * 32 * 3 * 0.0338) / 1e6, 6);
    expect(first.imagesPerSecond).toBeGreaterThan(0);

    // Without views the one pass is all. Runs of another name lie beside; the two are compared.
    const plain = [
      'benchmark',
      ...TINY,
      '--epochs',
      '0.5',
      '--seeds',
      '2',
      '--tta',
      'none',
      '--name',
      'plain',
    ];
    const { figures: once } = JSON.parse(
      await succeed([...plain, '--json', '--threshold', '0.99', '--against', 'kept.json'], cwd),
    ) as Benchmark & Judged;
    expect(once.ttaAccuracy.mean).toBe(once.accuracy.mean);
    expect(existsSync(join(cwd, 'models/plain-s1/run.json'))).toBe(true);
    expect(once.threshold).toMatchObject({ value: 0.99, isShown: false });
    expect(once.against).toMatchObject({ file: 'kept.json', name: 'fast94-sgd', count: 2 });
    const again = await succeed([...plain, '--threshold', '0.99', '--against', 'kept.json'], cwd);
    expect(again).toMatch(/^above 99\.00 %: not shown \(/m);
    expect(again).toMatch(/^plain less fast94-sgd \(2 seeds\): /m);
    const arrays = [1, 2].map((seed) => `models/fast94-sgd-predictions/pred_${seed}.npy`);
    expect(await succeed(['ensemble', ...arrays, '--compare', ...DATA], cwd)).toMatch(
      /right, and the other wrong[^]*: p = [\d.]+ \(McNemar/,
    );

    // The same runs serve the ensemble: nothing is trained again.
    const members = await succeed(['ensemble', 'train', ...TINY, '--members', '2'], cwd);
    expect(members).toMatch(/Kept: models\/fast94-sgd-s1 is trained already[^]*Kept: models\/fast94-sgd-s2/);
    const shares = figures.ensemble.accuracyBySize.map((share) => `${(share * 100).toFixed(2)} %`);
    expect(members).toContain(`ensemble of 2 (arithmetic mean): ${shares[1]}`);
    expect(existsSync(join(cwd, 'predictions/fast94-sgd/fast94-sgd.npy'))).toBe(true);

    const exported = ['export', 'fast94-sgd-s2', 'models/given', '--float16', ...DATA];
    expect(await succeed(exported, cwd)).toMatch(/accuracy .* with test-time augmentation .*0\.3 MB/s);
    const card = readFileSync(join(cwd, 'models/given/README.md'), 'utf8');
    expect(card).toMatch(/--config given\/config\.yaml --seed 2[^]*\| frog \|/);
    const kept = ['config.yaml', 'run.json'].map((name) =>
      readFileSync(join(cwd, 'models/given', name), 'utf8'),
    );
    expect(kept.join()).not.toContain(DATA_DIR);
    // It is a run like any other.
    const accuracy = /one pass \| \*\*([\d.]+ %)/.exec(card)?.[1];
    expect(await succeed(['evaluate', 'given', ...DATA], cwd)).toContain(`accuracy ${accuracy}`);
    expect(await runCli(exported, cwd)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/models\/given is there already: remove it/) as string,
    });
  },
);

it.each([
  [['benchmark', '--threshold', '94'], /--threshold: expected a number from 0 to 1, got "?94/],
  [['benchmark', '--against', 'nothing.json'], /Cannot read nothing\.json as figures of cifar benchmark/],
  [['ensemble', 'a.npy', '--compare'], /--compare: expected two arrays, got 1/],
  [['ensemble', 'a.npy', 'b.npy', '--compare', '--mean', 'geometric'], /--mean has no effect with --compare/],
  [
    ['ensemble', 'train', '--recipe', 'fast94', '--passes', '3'],
    /--passes has no effect with the multicrop views of --recipe fast94/,
  ],
  [['train', '--recipe', 'fast49'], /--recipe: expected one of none, fast94, .*Did you mean/],
])('cifar %j is refused', async (args, message) => {
  const { code, stderr } = await runCli([...args, '--data-dir', DATA_DIR], temporaryFolder());
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
});
