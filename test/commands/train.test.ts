import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSafetensors } from '../../src/io/safetensors.js';
import { startCli, runCli } from '../helpers/cli.js';
import { DATA_DIR, temporaryFolder } from '../helpers/folders.js';

/** Two epochs of three steps on the portable backend. */
const SHORT = [
  'train',
  ...['--backend', 'wasm', '--data-dir', DATA_DIR, '--augment', 'strong', '--model', 'fast-proxy'],
  ...['--limit-train', '36', '--limit-test', '20', '--batch-size', '12', '--epochs', '2'],
];

function weightsOf(run: string): Map<string, number[]> {
  const { tensors } = readSafetensors(join(run, 'checkpoint.safetensors'));
  return new Map([...tensors].map(([name, { data }]) => [name, [...data]]));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('cifar train', () => {
  it(
    'writes a complete run, and goes on after kill -9 and SIGINT to the same weights, bit for bit',
    { timeout: 240_000 },
    async () => {
      const cwd = temporaryFolder();
      const whole = await runCli([...SHORT, '--name', 'whole'], cwd);
      expect(whole.stderr).toBe('');
      expect(whole.code).toBe(0);
      expect(whole.stdout).toMatch(/Epoch 1\/2 .*\nEpoch 2\/2 /);
      const run = join(cwd, 'models', 'whole');
      expect(
        readdirSync(run)
          .filter((name) => !name.startsWith('events.'))
          .sort(),
      ).toEqual([
        'best',
        'checkpoint.safetensors',
        'config.yaml',
        'curves.png',
        'curves.svg',
        'history.csv',
        'history.jsonl',
        'last',
        'run.json',
      ]);
      const record = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')) as {
        status: string;
        last: { epoch: number };
      };
      expect(record).toMatchObject({ status: 'finished', last: { epoch: 1 } });
      const expected = weightsOf(run);

      // Killed without warning in the middle of the second epoch: as soon as the first is saved.
      const killed = startCli([...SHORT, '--name', 'killed'], cwd);
      await until(() => existsSync(join(cwd, 'models', 'killed', 'checkpoint.safetensors')));
      killed.process.kill('SIGKILL');
      expect((await killed.done).signal).toBe('SIGKILL');
      expect(readFileSync(join(cwd, 'models', 'killed', 'run.json'), 'utf8')).toContain(
        '"status": "running"',
      );
      const resumed = await runCli(['train', '--resume', 'killed'], cwd);
      expect(resumed.code).toBe(0);
      expect(resumed.stdout).toMatch(/Going on at epoch 2, step 1/);
      expect(weightsOf(join(cwd, 'models', 'killed'))).toEqual(expected);

      // Interrupted in the middle of an epoch: the step reached is saved.
      const interrupted = startCli([...SHORT, '--name', 'interrupted'], cwd);
      await until(() => existsSync(join(cwd, 'models', 'interrupted', 'run.json')));
      interrupted.process.kill('SIGINT');
      const stopped = await interrupted.done;
      expect(stopped.code).toBe(130);
      expect(stopped.stderr).toMatch(/the run is saved\. Go on with: cifar train --resume/);
      const finished = await runCli(['train', '--resume', 'interrupted'], cwd);
      expect(finished.code).toBe(0);
      expect(weightsOf(join(cwd, 'models', 'interrupted'))).toEqual(expected);

      // Repeated from its own configuration.
      const repeated = await runCli(
        ['train', '--config', join(run, 'config.yaml'), '--name', 'repeated'],
        cwd,
      );
      expect(repeated.code).toBe(0);
      expect(weightsOf(join(cwd, 'models', 'repeated'))).toEqual(expected);

      // Finished, then extended.
      const refused = await runCli(['train', '--resume', 'whole'], cwd);
      expect(refused.code).toBe(2);
      expect(refused.stderr).toMatch(/has finished its 2 epochs: give --epochs above 2/);
      const extended = await runCli(['train', '--resume', 'whole', '--epochs', '3'], cwd);
      expect(extended.code).toBe(0);
      expect(readFileSync(join(run, 'history.jsonl'), 'utf8').trim().split('\n')).toHaveLength(3);
    },
  );

  it(
    'keeps an augmentation of the user with the run, and stops when the time is up',
    { timeout: 120_000 },
    async () => {
      const cwd = temporaryFolder();
      writeFileSync(join(cwd, 'mine.json'), '{"horizontalFlip": 0.5}');
      const result = await runCli([...SHORT, '--augment', 'mine.json', '--max-time', '0.01s'], cwd);
      expect(result.stdout).toMatch(/stopped, its time used up/);
      expect(result.code).toBe(0);
      const run = join(cwd, 'models', 'fast-proxy-mine-s1');
      expect(JSON.parse(readFileSync(join(run, 'augment.json'), 'utf8'))).toEqual({ horizontalFlip: 0.5 });
      expect(existsSync(join(run, 'last', 'model.json'))).toBe(true);
      const refused = await runCli(['train', '--resume', 'fast-proxy-mine-s1'], cwd);
      expect(refused.stderr).toMatch(/has used up its time: give --max-time above/);
      expect(refused.code).toBe(2);
      // The run's own configuration names its augmentation, wherever it is called from.
      const elsewhere = temporaryFolder();
      const config = join(run, 'config.yaml');
      const repeated = await runCli(['train', '--config', config, '--name', 'again'], elsewhere);
      expect(repeated.stdout).toMatch(/stopped, its time used up/);
    },
  );

  it('stops early, and is not trained past that', { timeout: 120_000 }, async () => {
    const cwd = temporaryFolder();
    const args = [...SHORT, '--epochs', '5', '--early-stop', '1', '--learning-rate', '0', '--name', 'still'];
    const result = await runCli(args, cwd);
    expect(result.stdout).toMatch(/Epoch 2\/5[\s\S]*stopped early/);
    expect(result.stdout).not.toMatch(/Epoch 3\/5/);
    const refused = await runCli(['train', '--resume', 'still'], cwd);
    expect(refused.stderr).toMatch(
      /stopped early, after 1 epochs without a gain: give --early-stop above that/,
    );
    expect(refused.code).toBe(2);
  });

  it('says so when training diverges', { timeout: 120_000 }, async () => {
    const cwd = temporaryFolder();
    const result = await runCli(
      [...SHORT, '--model', 'bench', '--optimizer', 'sgd', '--learning-rate', '100', '--name', 'wild'],
      cwd,
    );
    expect(result.stderr).toMatch(/The loss became .*Train anew with a lower --learning-rate/);
    expect(result.code).toBe(1);
    expect(readFileSync(join(cwd, 'models', 'wild', 'run.json'), 'utf8')).toContain('"status": "diverged"');
  });
});
