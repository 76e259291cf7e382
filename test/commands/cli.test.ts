import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../helpers/cli.js';
import { temporaryFolder } from '../helpers/folders.js';

const COMMANDS = [
  'download',
  'train',
  'evaluate',
  'tta',
  'ensemble',
  'plot',
  'samples',
  'reproduce',
  'models',
  'backends',
  'benchmark',
  'export',
  'runs',
];

describe('cifar', () => {
  it('lists every command', async () => {
    const { code, stdout } = await runCli(['--help'], temporaryFolder());
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
  });

  it.each(COMMANDS)('%s --help has examples', async (command) => {
    const { code, stdout } = await runCli([command, '--help'], temporaryFolder());
    expect(code).toBe(0);
    expect(stdout).toContain(`Examples:\n  cifar ${command}`);
  });

  it.each([
    [['trian'], /unknown command 'trian'[\s\S]*Did you mean train\?/],
    [['train', '--epoch', '3'], /unknown option '--epoch'[\s\S]*Did you mean --epochs\?/],
    [
      ['train', '--model', 'deeep'],
      /--model: expected one of bench, deep, .*, got "deeep"\. Did you mean "deep"\?/,
    ],
    [['train', '--epochs', 'many'], /--epochs: expected a number from 0\.01 to 100000, got "many"/],
    [['train', '--augment', 'stong', '--data-dir', '.'], /stong[\s\S]*strong/],
    [['train', '--momentum', '0.5'], /--momentum applies to --optimizer sgd or muon only/],
    [['train', '--resume', 'x', '--seed', '3'], /--seed cannot change when a run goes on/],
    [['evaluate'], /missing required argument 'run'/],
    [['evaluate', 'nothing'], /No run "nothing"/],
    [['ensemble'], /No pred_<i>\.npy in predictions/],
    [['ensemble', 'train', '--member', '3'], /unknown option '--member'[\s\S]*--members/],
    [['reproduce', '--rows', 'bench-nome'], /--rows: expected one of .*Did you mean "bench-none"\?/],
  ])('%j is wrong usage', async (args, message) => {
    const { code, stderr, stdout } = await runCli(args, temporaryFolder());
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(stdout).toBe('');
  });

  it('shows the first two groups of train --help on a terminal of 80×40', async () => {
    const { stdout } = await runCli(['train', '--help'], temporaryFolder());
    const lines = stdout.split('\n');
    expect(lines.findIndex((line) => line === 'Optimizer:')).toBeLessThanOrEqual(40);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it.each([
    [['train', 'fast94'], /train takes options only, got "fast94"\. Did you mean --recipe fast94\?/],
    [['train', 'deep'], /Did you mean --model deep\?/],
    [['train', 'x'], /train takes options only, got "x"\.$/m],
  ])('%j is told what was meant', async (args, message) => {
    const { code, stderr } = await runCli(args, temporaryFolder());
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  it('prints a configuration that --config takes, and trains nothing', async () => {
    const cwd = temporaryFolder();
    const asked = ['train', '--recipe', 'fast94', '--seed', '7', '--print-config'];
    const { stdout } = await runCli(asked, cwd);
    writeFileSync(join(cwd, 'c.yaml'), stdout);
    expect((await runCli(['train', '--config', 'c.yaml', '--print-config'], cwd)).stdout).toBe(stdout);
    expect(stdout).toMatch(/^recipe: fast94\nmodel: fast94-silu\n[^]*seed: 7\n/m);
    expect(readdirSync(cwd)).toEqual(['c.yaml']);
  });

  it('says how to get the data when they are not there', async () => {
    const { code, stderr } = await runCli(['train', '--epochs', '1'], temporaryFolder());
    expect(stderr).toMatch(/cifar download/);
    expect(code).toBe(1);
  });
});
