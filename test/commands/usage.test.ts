import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../helpers/cli.js';
import { temporaryFolder } from '../helpers/folders.js';

describe('commands on a saved run', () => {
  it.each(['evaluate', 'tta'])('%s suggests the nearest --weights', async (command) => {
    const { code, stderr } = await runCli([command, 'run', '--weights', 'bset'], temporaryFolder());
    expect(stderr).toMatch(/--weights: expected one of last, best, got "bset"\. Did you mean "best"\?/);
    expect(code).toBe(2);
  });

  it('tta --out takes a name, not a path', async () => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, 'models/run'), { recursive: true });
    writeFileSync(join(cwd, 'models/run/run.json'), '{}');
    const { code, stderr } = await runCli(['tta', 'run', '--out', 'folder/pred_0.npy'], cwd);
    expect(stderr).toMatch(/--out: expected a name .*got "folder\/pred_0\.npy"\..*--predictions-dir/);
    expect(code).toBe(2);
  });
});

describe('cifar reproduce --budget', () => {
  it.each<[string[], RegExp]>([
    [['--epochs', '3'], /--budget decides --epochs: leave one of them out/],
    [['--limit-train', '100'], /--budget decides --limit-train/],
    [['--rows', 'ensemble'], /--budget is for the rows before the ensemble/],
    [['--status'], /No lesson of --budget 2400 has begun under the name lesson/],
  ])('with %j is refused', async (flags, reason) => {
    const { code, stderr } = await runCli(['reproduce', '--budget', '40m', ...flags], temporaryFolder());
    expect(stderr).toMatch(reason);
    expect(code).toBe(2);
  });

  it('takes a duration', async () => {
    const { code, stderr } = await runCli(['reproduce', '--budget', 'soon'], temporaryFolder());
    expect(stderr).toMatch(/--budget: expected a duration such as 90s, .* got "soon"/);
    expect(code).toBe(2);
  });
});

describe('cifar models --json', () => {
  it('has the layers with --summary only', { timeout: 120_000 }, async () => {
    interface Facts {
      name: string;
      parameters: number;
      layers?: { name: string; class: string; outputShape: (number | null)[]; parameters: number }[];
    }
    const models = async (...flags: string[]): Promise<Facts[]> => {
      const { stdout } = await runCli(['models', '--json', ...flags], temporaryFolder());
      return JSON.parse(stdout) as Facts[];
    };
    for (const net of await models()) expect(net).not.toHaveProperty('layers');
    for (const { parameters, layers = [] } of await models('--summary')) {
      expect(layers.reduce((sum, layer) => sum + layer.parameters, 0)).toBe(parameters);
      expect(layers.map((layer) => layer.class)).toContain('Conv2D');
      expect(layers.at(-1)?.outputShape).toEqual([null, 10]);
    }
  });
});
