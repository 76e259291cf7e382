import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readNpy } from '../../src/io/npy.js';
import type { Evaluation } from '../../src/evaluation/evaluate.js';
import type { MeasuredFigures } from '../../src/commands/figuresFile.js';
import type { EnsembleFigures } from '../../src/experiments/benchmark.js';
import type { EnsembleResult } from '../../src/ensembles/averaging.js';
import type { PredictionRecord } from '../../src/evaluation/predictionFile.js';
import { runCli } from '../helpers/cli.js';
import { DATA_DIR, temporaryFolder } from '../helpers/folders.js';

const DATA = ['--data-dir', DATA_DIR, '--limit-test', '30'];
const TINY = [...DATA, '--limit-train', '20', '--batch-size', '10', '--epochs', '2'];
/** The smallest network, where any will do. */
const SMALL = ['--model', 'fast-proxy'];

async function succeed(args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await runCli(args, cwd);
  expect(`${stderr} → ${code}`).toMatch(/→ 0$/);
  return stdout;
}

describe('a trained run', () => {
  it('is evaluated, augmented at test time, averaged and drawn', { timeout: 240_000 }, async () => {
    const cwd = temporaryFolder();
    await succeed(['train', ...TINY, ...SMALL, '--name', 'tiny'], cwd);

    const evaluation = JSON.parse(await succeed(['evaluate', 'tiny', ...DATA, '--json'], cwd)) as Evaluation;
    expect(evaluation.images).toBe(30);
    expect(evaluation.confusion.flat().reduce((a, b) => a + b)).toBe(30);
    const trace = evaluation.confusion.reduce((sum, row, c) => sum + row[c], 0);
    expect(evaluation.accuracy).toBeCloseTo(trace / 30, 12);
    expect(evaluation.classes.map(({ name }) => name)).toContain('frog');
    // The same model on the same images as the last validation.
    const record = JSON.parse(readFileSync(join(cwd, 'models/tiny/run.json'), 'utf8')) as {
      last: { loss: number; accuracy: number };
    };
    expect(evaluation.accuracy).toBe(record.last.accuracy);
    expect(evaluation.loss).toBeCloseTo(record.last.loss, 3);
    for (const picture of ['curves', 'confusion', 'reliability']) {
      expect(statSync(join(cwd, `models/tiny/${picture}.png`)).size).toBeGreaterThan(5000);
    }

    const tta = ['tta', 'tiny', ...DATA, '--passes', '2', '--batch-size', '7', '--json'];
    const first = JSON.parse(await succeed([...tta, '--out', 'pred_0'], cwd)) as PredictionRecord;
    expect(first).toMatchObject({
      run: 'tiny',
      images: 30,
      augment: 'normal',
      // What the augmentation's name stood for is kept too.
      method: {
        preset: 'keras',
        passes: 2,
        seed: 1,
        augmentation: { rotationDegrees: 20, zoom: [0.8, 1.2] },
      },
      plainAccuracy: record.last.accuracy,
    });
    expect(first.accuracyByPasses).toHaveLength(2);
    // The record says which weights the array is from.
    expect(existsSync(join(cwd, 'models/tiny/last', first.weightsFile))).toBe(true);
    const views = [
      'tta',
      'tiny',
      ...DATA,
      '--preset',
      'multicrop',
      '--share',
      '0.2',
      '--json',
      '--out',
      'views',
    ];
    expect(await runCli(['tta', 'tiny', ...DATA, '--preset', 'none', '--share', '0.2'], cwd)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--share has no effect with --preset none/) as string,
    });
    expect(JSON.parse(await succeed(views, cwd))).toMatchObject({
      method: { preset: 'multicrop', share: 0.2 },
      plainAccuracy: record.last.accuracy,
      // The plain pass, and five more views of a fifth of the images.
      forwards: 2,
    });
    await succeed([...tta, '--out', 'pred_1', '--seed', '2'], cwd);
    await succeed([...tta, '--out', 'again.npy'], cwd);
    const [zero, one, again] = ['pred_0', 'pred_1', 'again'].map((name) =>
      readNpy(join(cwd, `predictions/${name}.npy`)),
    );
    expect(zero.shape).toEqual([30, 10]);
    expect(again.data).toEqual(zero.data);
    expect(one.data).not.toEqual(zero.data);

    const result = JSON.parse(await succeed(['ensemble', ...DATA, '--json'], cwd)) as EnsembleResult;
    expect(result.members.map(({ name }) => name)).toEqual(['pred_0', 'pred_1']);
    expect(result.members[0].accuracy).toBe(first.accuracy);
    const averaged = readNpy(join(cwd, 'predictions/ensemble.npy'));
    expect(averaged.data[5]).toBeCloseTo((zero.data[5] + one.data[5]) / 2, 6);

    await succeed(['plot', 'tiny', 'models/tiny'], cwd);
    expect(existsSync(join(cwd, 'models/comparison.svg'))).toBe(true);
    await succeed(
      ['samples', '--data-dir', DATA_DIR, '--augment', 'strong', '--out', 'variants', '--count', '3'],
      cwd,
    );
    expect(readFileSync(join(cwd, 'variants.svg'), 'utf8')).toContain('airplane');
  });
});

describe('cifar ensemble train', () => {
  it(
    'trains and averages members, keeps what is done and refuses other settings',
    { timeout: 240_000 },
    async () => {
      const cwd = temporaryFolder();
      const args = [
        'ensemble',
        'train',
        ...TINY,
        ...SMALL,
        '--members',
        '2',
        '--passes',
        '1',
        '--name',
        'pair',
        ...['--figures', 'pair.json'],
      ];
      const first = await succeed(args, cwd);
      expect(first).toMatch(/Member 1 of 2: pair-0 \(fast-proxy, augmentation normal, seed 1\)/);
      expect(first).toMatch(/Member 2 of 2: pair-1 \(fast-proxy, augmentation strong, seed 2\)/);
      expect(first).toMatch(/ensemble of 2 \(arithmetic mean\): \d+\.\d\d %/);
      const kept = readFileSync(join(cwd, 'pair.json'), 'utf8');
      const { figures, command } = JSON.parse(kept) as MeasuredFigures<EnsembleFigures>;
      expect(command).toContain('cifar ensemble train');
      expect(figures).toMatchObject({ name: 'pair', runs: [{ seed: 1 }, { seed: 2 }] });
      expect(first).toContain(`ensemble of 2 (arithmetic mean): ${(100 * figures.accuracy).toFixed(2)} %`);
      expect(figures.petaflop).toBe(figures.runs[0].petaflop + figures.runs[1].petaflop);
      const taken = await runCli([...args, '--figures', 'models/pair-0/run.json'], cwd);
      expect(`${taken.code} ${taken.stderr}`).toMatch(/^2 .*run\.json is there already.*--overwrite/s);

      const second = await succeed(args, cwd);
      expect(second).toMatch(/Kept: .*pair-0 is trained already[\s\S]*Kept: .*pred_0\.npy is there already/);
      expect(second).not.toMatch(/Epoch 1\/2/);

      // Predictions of other weights are made again.
      const recordPath = join(cwd, 'predictions/pred_1.json');
      const record = JSON.parse(readFileSync(recordPath, 'utf8')) as PredictionRecord;
      writeFileSync(recordPath, JSON.stringify({ ...record, weightsFile: 'weights-00000000.bin' }));
      const third = await succeed(args, cwd);
      expect(third).toMatch(/pred_0\.npy is there already[\s\S]*with 1 passes .*pred_1\.npy/);
      expect(JSON.parse(readFileSync(recordPath, 'utf8'))).toEqual(record);

      const other = await runCli([...args, '--learning-rate', '0.01'], cwd);
      expect(other.code).toBe(2);
      expect(other.stderr).toMatch(/was trained with --learning-rate 0\.001, but 0\.01 is asked for/);
    },
  );
});

describe('cifar reproduce', () => {
  it("runs the article's six rows, and keeps them", { timeout: 300_000 }, async () => {
    const cwd = temporaryFolder();
    const args = ['reproduce', ...TINY, '--epochs', '1', '--members', '2', '--passes', '1'];
    const table = await succeed(args, cwd);
    for (const published of ['84.39 %', '87.42 %', '90.04 %', '92.50 %', '94.31 %', '95.07 %'])
      expect(table).toContain(published);
    expect(table).not.toContain('not run');
    expect(table).toMatch(/ensemble, TTA .* 2 members, mean/);
    // In the order given; how often it is validated does not bear on what comes out.
    const again = await succeed([...args, '--rows', 'deep-step,bench-none', '--validate-every', '2'], cwd);
    expect(again).toMatch(/── deep, normal, step decay[\s\S]*── bench, no augmentation/);
    expect(again).not.toMatch(/Epoch 1\/1/);
    expect(again).not.toContain('not run');
    // The table is the same as before, rows that were not asked for included.
    const rowsOf = (text: string): string => text.slice(text.indexOf('experiment '));
    expect(rowsOf(again)).toBe(rowsOf(table));

    const tta = await succeed([...args, '--rows', 'deep-step-tta'], cwd);
    expect(tta).toMatch(/Kept: .*deep-step-tta\.npy is there already/);
    expect(rowsOf(tta)).toBe(rowsOf(table));

    const longer = await runCli([...args, '--passes', '2', '--rows', 'deep-step-tta'], cwd);
    expect(longer.stderr).toMatch(/reproduce\.json holds rows made with --passes 1, but 2 is asked for now/);
    expect(longer.code).toBe(2);
  });
});
