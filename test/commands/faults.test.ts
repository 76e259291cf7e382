import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeNpy } from '../../src/io/npy.js';
import { runCli, startCli } from '../helpers/cli.js';
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

describe('trainings that begin at once', () => {
  const TINY = ['--model', 'fast-proxy', '--backend', 'wasm', '--limit-train', '20', '--limit-test', '10'];
  const train = (cwd: string, ...more: string[]) =>
    runCli(['train', ...TINY, '--batch-size', '10', '--epochs', '1', '--data-dir', DATA_DIR, ...more], cwd);

  it('get a folder each, whole', async () => {
    const cwd = temporaryFolder();
    const rates = ['0.001', '0.01', '0.1'];
    const results = await Promise.all(rates.map((rate) => train(cwd, '--learning-rate', rate)));
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0]);
    const runs = readdirSync(join(cwd, 'models')).map((name) => join(cwd, 'models', name));
    expect(runs).toHaveLength(3);
    const seen = runs.map((run) => {
      const config = /^learningRate: (.*)$/m.exec(readFileSync(join(run, 'config.yaml'), 'utf8'))?.[1];
      const record = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')) as {
        status: string;
        config: { learningRate: number };
      };
      expect(record.status).toBe('finished');
      expect(String(record.config.learningRate)).toBe(config);
      return config;
    });
    expect(seen.sort()).toEqual(rates);
  });

  it('under one name: one trains, the others are refused; a try that fails early leaves nothing', async () => {
    const cwd = temporaryFolder();
    const early = await train(cwd, '--name', 'one', '--batch-size', '21');
    expect(early.stderr).toMatch(/--batch-size: expected at most the 20 training images/);
    expect(readdirSync(join(cwd, 'models'))).toEqual([]);
    const results = await Promise.all(
      [1, 2, 3].map((seed) => train(cwd, '--name', 'one', '--seed', String(seed))),
    );
    expect(results.map(({ code }) => code).sort()).toEqual([0, 2, 2]);
    expect(
      results.filter(({ code }) => code === 2).every(({ stderr }) => /There is already a run/.test(stderr)),
    ).toBe(true);
    expect(readdirSync(join(cwd, 'models'))).toEqual(['one']);
  });
});

describe('a run that is being trained', () => {
  const LONG = ['--model', 'fast-proxy', '--backend', 'wasm', '--limit-train', '20', '--limit-test', '10'];

  it('is not trained by another; after kill -9 it is', { timeout: 120_000 }, async () => {
    const cwd = temporaryFolder();
    const args = [
      'train',
      ...LONG,
      '--batch-size',
      '10',
      '--data-dir',
      DATA_DIR,
      '--name',
      'r',
      '--epochs',
      '500',
    ];
    const first = startCli(args, cwd);
    const checkpoint = join(cwd, 'models', 'r', 'checkpoint.safetensors');
    while (!existsSync(checkpoint)) await new Promise((resolve) => setTimeout(resolve, 20));
    const second = await runCli(['train', '--resume', 'r'], cwd);
    expect(second.stderr).toMatch(
      new RegExp(
        `models/r is being trained by process ${first.process.pid} on .*, since 20.*: wait for its end`,
      ),
    );
    expect(second.code).toBe(2);
    // Looking at it is nobody's business.
    expect((await runCli(['plot', 'r'], cwd)).code).toBe(0);
    first.process.kill('SIGKILL');
    await first.done;
    const done = readFileSync(join(cwd, 'models', 'r', 'history.jsonl'), 'utf8')
      .trim()
      .split('\n').length;
    const third = await runCli(['train', '--resume', 'r', '--epochs', String(done + 2)], cwd);
    expect(`${third.stderr} → ${third.code}`).toBe(' → 0');
    expect(existsSync(join(cwd, 'models', 'r', 'owner.json'))).toBe(false);
  });

  it('gives up when another has taken it over, writing nothing more', { timeout: 120_000 }, async () => {
    const cwd = temporaryFolder();
    const run = join(cwd, 'models', 'r');
    const args = [
      'train',
      ...LONG,
      '--batch-size',
      '10',
      '--data-dir',
      DATA_DIR,
      '--name',
      'r',
      '--epochs',
      '500',
    ];
    const first = startCli(args, cwd);
    while (!existsSync(join(run, 'checkpoint.safetensors')))
      await new Promise((resolve) => setTimeout(resolve, 20));
    writeFileSync(join(run, 'owner.json'), '{}');
    const { code, stderr } = await first.done;
    expect(stderr).toMatch(/models\/r has been taken over: this training ends/);
    expect(code).toBe(1);
    expect(JSON.parse(readFileSync(join(run, 'run.json'), 'utf8'))).toMatchObject({ status: 'running' });
  });
});

it('cifar benchmark tries the place of its figures before it trains', async () => {
  const cwd = temporaryFolder();
  const args = ['benchmark', '--recipe', 'fast94', '--out', '.', '--data-dir', DATA_DIR];
  const { code, stderr } = await runCli(args, cwd);
  expect(stderr).toMatch(/--out: expected a file, and \. is a folder/);
  expect(code).toBe(2);
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

describe('a run is what it was computed with', () => {
  const args = [
    'ensemble',
    'train',
    '--model',
    'fast-proxy',
    '--members',
    '1',
    '--limit-train',
    '20',
    '--limit-test',
    '10',
  ];
  const tiny = [
    ...args,
    '--batch-size',
    '10',
    '--epochs',
    '1',
    '--passes',
    '1',
    '--augments',
    'normal',
    '--data-dir',
    DATA_DIR,
  ];

  it('and is not kept where something else is asked for by name', { timeout: 120_000 }, async () => {
    const cwd = temporaryFolder();
    expect((await runCli([...tiny, '--backend', 'wasm'], cwd)).code).toBe(0);
    const kept = await runCli(tiny, cwd);
    expect(kept.stdout + kept.stderr).toMatch(/ensemble-0 is trained already/);
    const other = await runCli([...tiny, '--backend', 'cpu'], cwd);
    expect(other.stderr).toMatch(/ensemble-0 was computed with --backend wasm, but cpu is asked for now/);
    expect(other.code).toBe(2);
  });

  it('and goes on in its number format, or is refused', async () => {
    const { cwd, run } = withRun();
    const path = join(run, 'run.json');
    const record = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    const start = {
      ...{ at: '2026', epoch: 0, step: 0, commit: null, version: '1', node: '20' },
      ...{ backend: 'onednn', precision: 'bf16', threads: 1, host: 'x' },
    };
    writeFileSync(path, JSON.stringify({ ...record, backend: { name: 'onednn', why: '' }, starts: [start] }));
    const library = { DNNL_MAX_CPU_ISA: 'AVX2', ONEDNN_MAX_CPU_ISA: 'AVX2' };
    const resume = ['train', '--resume', 'r', '--epochs', '4', '--data-dir', DATA_DIR];
    const { code, stderr } = await runCli(resume, cwd, { env: library });
    expect(stderr).toMatch(/Precision bf16 needs a CPU with bf16|The backend onednn is not usable here/);
    expect(code).toBe(1);
  });
});

it('an output is not written over what another command or run made, but by --overwrite', async () => {
  const cwd = temporaryFolder();
  writeNpy(join(cwd, 'a.npy'), new Float32Array(20).fill(0.1), [2, 10]);
  writeNpy(join(cwd, 'mine.npy'), new Float32Array(20).fill(0.1), [2, 10]);
  const ensemble = ['ensemble', 'a.npy', '--limit-test', '2', '--data-dir', DATA_DIR, '--out', 'mine.npy'];
  const refused = await runCli(ensemble, cwd);
  expect(refused.stderr).toMatch(/mine\.npy is there already, and is not what this command writes there/);
  expect(refused.code).toBe(2);
  expect((await runCli([...ensemble, '--overwrite'], cwd)).code).toBe(0);
  expect((await runCli(ensemble, cwd)).code).toBe(0);
  writeFileSync(join(cwd, 'notes.json'), '{"my": "notes"}');
  const benchmark = ['benchmark', '--recipe', 'fast94', '--data-dir', DATA_DIR, '--out', 'notes.json'];
  expect((await runCli(benchmark, cwd)).stderr).toMatch(/notes\.json is there already/);
  expect(readFileSync(join(cwd, 'notes.json'), 'utf8')).toBe('{"my": "notes"}');
});

it(
  'an export appears whole: an empty folder is taken, an interrupted one leaves nothing',
  { timeout: 60_000 },
  async () => {
    const cwd = temporaryFolder();
    const kept = new URL('../../models/cifar10-fast96', import.meta.url).pathname;
    mkdirSync(join(cwd, 'out'));
    const args = ['export', kept, 'out', '--data-dir', DATA_DIR];
    const stopped = startCli(args, cwd);
    while (readdirSync(cwd).length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    stopped.process.kill('SIGINT');
    expect((await stopped.done).code).toBe(130);
    expect([readdirSync(cwd), readdirSync(join(cwd, 'out'))]).toEqual([['out'], []]);
    expect((await runCli([...args, '--limit-test', '10'], cwd)).code).toBe(0);
    expect(readdirSync(cwd)).toEqual(['out']);
    expect(readdirSync(join(cwd, 'out')).sort()).toEqual(['README.md', 'config.yaml', 'last', 'run.json']);
    expect(readFileSync(join(cwd, 'out', 'README.md'), 'utf8')).toMatch(
      /^# out\n[^]*on the first 10 test images/,
    );
    const again = await runCli(args, cwd);
    expect([again.code, /out is there already/.test(again.stderr)]).toEqual([2, true]);
  },
);

it('what a recipe switches on can be switched off, and durations are numbers of seconds, too', async () => {
  const args = ['train', '--recipe', 'fast94', '--no-nesterov', '--momentum', '0', '--max-time', '90'];
  const { code, stdout } = await runCli([...args, '--print-config'], temporaryFolder());
  expect(code).toBe(0);
  expect(stdout).toMatch(/^nesterov: false$/m);
  expect(stdout).toMatch(/^maxTime: 90$/m);
  const never = await runCli(['train', '--max-time', '0', '--print-config'], temporaryFolder());
  expect(never.stdout).toMatch(/^maxTime: 0$/m);
});
