import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Owner } from '../../src/runs/owner.js';
import { DATA_DIR, temporaryFolder } from '../helpers/folders.js';
import { type CliResult, runCli, startCli } from '../helpers/cli.js';

const OPTIONS = [
  ...['--model', 'fast-proxy-muon', '--batch-size', '50', '--augment', 'fast', '--seeds', '3'],
  ...['--epochs', '3', '--limit-train', '150', '--limit-test', '100', '--data-dir', DATA_DIR],
  ...['--backend', 'wasm', '--name', 'three'],
];
const member = (index: number): string[] => ['benchmark', ...OPTIONS, '--member-index', String(index)];

interface Record {
  status: string;
  starts: unknown[];
}
const recordOf = (folder: string, run: string): Record =>
  JSON.parse(readFileSync(join(folder, 'models', run, 'run.json'), 'utf8')) as Record;

it('several processes at one member train it once, and all end well', async () => {
  const folder = temporaryFolder();
  const results = await Promise.all([1, 1, 1, 0].map((index) => runCli(member(index), folder)));
  expect(results.map(({ code, stderr }) => [code, stderr.match(/Error.*/)?.[0]])).toEqual(
    Array<[number, undefined]>(4).fill([0, undefined]),
  );
  expect(recordOf(folder, 'three-s2')).toMatchObject({ status: 'finished' });
  expect(recordOf(folder, 'three-s2').starts).toHaveLength(1);
  const said = (text: RegExp): number => results.filter(({ stdout }) => text.test(stdout)).length;
  expect(said(/Kept: models\/three-s2 is trained already/)).toBe(2);
  // What is all done is read, whoever has the folder.
  const owner = Owner.acquire(join(folder, 'models/three-s2'));
  const again = await runCli(member(1), folder);
  owner.release();
  expect([again.code, again.stdout]).toEqual([0, expect.stringMatching(/pred_2\.npy is there already/)]);
  // What was made is summed up, and no test is made of a part.
  const collected = await runCli(['benchmark', ...OPTIONS, '--collect', '--threshold', '0.2'], folder);
  expect(collected.stdout).toMatch(/^2 of 3 seeds have been trained/m);
  expect(collected.stdout).not.toMatch(/above 20/);
  expect(readdirSync(join(folder, 'models')).sort()).toEqual([
    ...['three-predictions', 'three-s1', 'three-s2', 'three.json'],
  ]);
}, 120_000);

it('whoever waits goes on where one that was killed has stopped', async () => {
  const folder = temporaryFolder();
  const [first, second] = [startCli(member(0), folder), startCli(member(0), folder)];
  const begun = (): boolean => {
    try {
      return recordOf(folder, 'three-s1').status === 'running';
    } catch {
      return false;
    }
  };
  while (!begun()) await setTimeout(50);
  const { pid } = JSON.parse(readFileSync(join(folder, 'models/three-s1/owner.json'), 'utf8')) as {
    pid: number;
  };
  const [trains, waits] = first.process.pid === pid ? [first, second] : [second, first];
  trains.process.kill('SIGKILL');
  const result: CliResult = await waits.done;
  expect([result.code, result.stderr.match(/Error.*/)?.[0]]).toEqual([0, undefined]);
  expect(recordOf(folder, 'three-s1').status).toBe('finished');
  await trains.done;
}, 120_000);

it.skipIf(process.platform === 'win32')(
  'SIGUSR2, before a time limit, saves and ends with 140',
  async () => {
    const folder = temporaryFolder();
    const running = startCli([...member(2), '--epochs', '500'], folder);
    while (!/Epoch +1\//.test(running.process.exitCode === null ? await soFar(folder) : 'Epoch 1/'))
      await setTimeout(50);
    running.process.kill('SIGUSR2');
    const { code, stderr } = await running.done;
    expect(code).toBe(140);
    expect(stderr).toMatch(/the run is saved/);
    expect(recordOf(folder, 'three-s3').status).toBe('interrupted');
  },
  120_000,
);

/** A line as training prints it, once there is an epoch. */
function soFar(folder: string): Promise<string> {
  try {
    const text = readFileSync(join(folder, 'models/three-s3/history.jsonl'), 'utf8');
    return Promise.resolve(text.includes('\n') ? 'Epoch 1/' : '');
  } catch {
    return Promise.resolve('');
  }
}

it('there is no member beyond the last', async () => {
  const { code, stderr } = await runCli(member(3), temporaryFolder());
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/--member-index: expected 0 to 2, one of 3 members, got 3/),
  ]);
});
