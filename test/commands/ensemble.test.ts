import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ensembleCommand } from '../../src/commands/ensemble.js';
import { readNpy } from '../../src/io/npy.js';
import { runCli } from '../helpers/cli.js';
import { DATA_DIR, temporaryFolder } from '../helpers/folders.js';

describe('cifar ensemble', () => {
  it.each([
    [['trian'], /trian is neither a prediction array.*nor a command.* Did you mean "train"\?/],
    [['somewhere'], /somewhere is neither a prediction array \(a \.npy file\) nor a command/],
    [
      ['--mean', 'arithmetc'],
      /--mean: expected one of arithmetic, geometric, got "arithmetc"\. Did you mean "arithmetic"\?/,
    ],
    [['--predictions-dir', 'file'], /--predictions-dir: cannot read file: it is not a folder/],
  ])('%j is wrong usage', async (args, message) => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'file'), '');
    const { code, stderr } = await runCli(['ensemble', ...args], cwd);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('bug');
    expect(code).toBe(2);
  });
});

describe('cifar ensemble train', () => {
  it('takes the options that it shares with cifar ensemble', { timeout: 120_000 }, async () => {
    const ensemble = ensembleCommand();
    const [train] = ensemble.commands;
    const shared = train.options
      .map(({ long }) => long)
      .filter((flag) => ensemble.options.some(({ long }) => long === flag));
    const given: Record<string, string> = {
      '--data-dir': DATA_DIR,
      '--limit-test': '12',
      '--overwrite': '',
      '--predictions-dir': 'elsewhere',
    };
    expect(shared.sort()).toEqual(Object.keys(given));

    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'mine.json'), '{}');
    const tiny = ['--limit-train', '10', '--batch-size', '10', '--epochs', '2', '--model', 'bench'];
    const { code, stderr } = await runCli(
      [
        'ensemble',
        'train',
        ...Object.entries(given)
          .flat()
          .filter((word) => word !== ''),
        ...['--figures', 'mine.json'],
        ...tiny,
        '--members',
        '1',
        '--augments',
        'none',
        '--passes',
        '1',
      ],
      cwd,
    );
    expect(`${stderr} → ${code}`).toMatch(/→ 0$/);
    expect(readNpy(join(cwd, 'elsewhere/pred_0.npy')).shape).toEqual([12, 10]);
    expect(existsSync(join(cwd, 'predictions'))).toBe(false);
    expect(readFileSync(join(cwd, 'mine.json'), 'utf8')).toContain('"ensemble"');
    const { config } = JSON.parse(readFileSync(join(cwd, 'models/ensemble-0/run.json'), 'utf8')) as {
      config: object;
    };
    expect(config).toMatchObject({ dataDir: DATA_DIR, limitTest: 12 });
  });

  it('refuses what lies in the way before it trains', { timeout: 120_000 }, async () => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, 'predictions'));
    writeFileSync(join(cwd, 'predictions/pred_1.npy'), '');
    writeFileSync(join(cwd, 'predictions/pred_1.json'), '{"run": "mine"}');
    const train = ['ensemble', 'train', '--data-dir', DATA_DIR, '--members', '2'];
    const conflict = await runCli(train, cwd);
    expect(conflict.stderr).toMatch(/pred_1\.npy holds the predictions of run mine.*--predictions-dir/);
    expect(conflict.code).toBe(2);

    writeFileSync(join(cwd, 'predictions/pred_1.json'), '{"run": ');
    const damaged = await runCli(train, cwd);
    expect(damaged.stderr).toMatch(/pred_1\.json is not the record of a prediction array.*remove it/);
    expect(damaged.stderr).not.toContain('bug');
    expect(damaged.code).toBe(1);

    const misspelt = await runCli([...train, '--predictions-dir', 'free', '--tta-augment', 'nomal'], cwd);
    expect(misspelt.stderr).toMatch(/Unknown augmentation "nomal"\. Did you mean "normal"\?/);
    expect(misspelt.code).toBe(2);
    expect(existsSync(join(cwd, 'models'))).toBe(false);
  });
});
