import { copyFileSync, cpSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeNpy } from '../../src/io/npy.js';
import { runCli } from '../helpers/cli.js';
import { DATA_DIR, temporaryFolder } from '../helpers/folders.js';

const GOLDEN = new URL('../golden/runs/0.1.0', import.meta.url).pathname;

/** A folder with a finished run in models/r. */
function withRun(): { cwd: string; run: string } {
  const cwd = temporaryFolder();
  const run = join(cwd, 'models', 'r');
  cpSync(GOLDEN, run, { recursive: true });
  return { cwd, run };
}

describe('a finished run without its checkpoint', () => {
  it.each([
    ['is not trained anew', () => undefined, /r has no checkpoint to go on from .*--config/, 2],
    [
      'that is a link to nowhere is refused by its name',
      (path: string) => symlinkSync('nowhere', path),
      /Cannot read .*checkpoint\.safetensors/,
      1,
    ],
    [
      'that is a link to itself, too',
      (path: string) => symlinkSync('checkpoint.safetensors', path),
      /Cannot read .*checkpoint\.safetensors/,
      1,
    ],
  ])('%s', async (_name, put, message, exitCode) => {
    const { cwd, run } = withRun();
    rmSync(join(run, 'checkpoint.safetensors'));
    put(join(run, 'checkpoint.safetensors'));
    const before = readFileSync(join(run, 'run.json'), 'utf8');
    const files = readdirSync(run);
    const { code, stderr } = await runCli(
      ['train', '--resume', 'r', '--epochs', '4', '--data-dir', DATA_DIR],
      cwd,
    );
    expect(stderr).toMatch(message);
    expect(code).toBe(exitCode);
    expect(readFileSync(join(run, 'run.json'), 'utf8')).toBe(before);
    expect(readdirSync(run)).toEqual(files);
  });

  it('has no history to draw, and is told so without advice that harms', async () => {
    const { cwd, run } = withRun();
    for (const name of ['checkpoint.safetensors', 'history.jsonl']) rmSync(join(run, name));
    const { code, stderr } = await runCli(['plot', 'r'], cwd);
    expect(stderr).toMatch(/no finished epoch to draw: an exported folder has no history/);
    expect(code).toBe(2);
  });
});

describe('cifar ensemble --out', () => {
  it.each([
    ['one of its arrays', 'a.npy'],
    ['the same by another name', './a'],
    ['a link to one', 'link.npy'],
  ])('refuses %s', async (_name, out) => {
    const cwd = temporaryFolder();
    writeNpy(join(cwd, 'a.npy'), new Float32Array(20).fill(0.1), [2, 10]);
    copyFileSync(join(cwd, 'a.npy'), join(cwd, 'b.npy'));
    symlinkSync('a.npy', join(cwd, 'link.npy'));
    const before = readFileSync(join(cwd, 'a.npy'));
    const args = ['ensemble', 'a.npy', 'b.npy', '--out', out, '--limit-test', '2', '--data-dir', DATA_DIR];
    const { code, stderr } = await runCli(args, cwd);
    expect(stderr).toMatch(/is one of the arrays that are averaged \(a\.npy\): give another file/);
    expect(code).toBe(2);
    expect(readFileSync(join(cwd, 'a.npy'))).toEqual(before);
    expect(readdirSync(cwd).sort()).toEqual(['a.npy', 'b.npy', 'link.npy']);
  });
});

it('what a recipe switches on can be switched off, and durations are numbers of seconds, too', async () => {
  const args = ['train', '--recipe', 'fast94', '--no-nesterov', '--momentum', '0', '--max-time', '90'];
  const { code, stdout } = await runCli([...args, '--print-config'], temporaryFolder());
  expect(code).toBe(0);
  expect(stdout).toMatch(/^nesterov: false$/m);
  expect(stdout).toMatch(/^maxTime: 90$/m);
  const never = await runCli(['train', '--max-time', '0', '--print-config'], temporaryFolder());
  expect(never.stdout).toMatch(/^maxTime: 0$/m);
});
