import { appendFileSync, cpSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeNpy } from '../../src/io/npy.js';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.js';
import { runCli } from '../helpers/cli.js';
import { DATA_DIR, temporaryFolder } from '../helpers/folders.js';

const GOLDEN = new URL('../golden/runs/0.1.0', import.meta.url).pathname;
const KEPT = new URL('../../models/cifar10-fast96', import.meta.url).pathname;

let cwd: string;
let run: string;

/** A folder with a run whose files may be spoilt. */
function freshRun(): void {
  run = join(temporaryFolder(), 'models', 'r');
  cwd = join(run, '../..');
  cpSync(GOLDEN, run, { recursive: true });
}

const replace = (name: string, from: string | RegExp, to: string): void => {
  const path = join(run, name);
  writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
};

/** Everything below a folder with its content. */
function contents(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    names.map(({ parentPath, name }) => [
      join(parentPath, name),
      readFileSync(join(parentPath, name), 'latin1'),
    ]),
  );
}

function spoilPosition(change: (position: Record<string, unknown>) => unknown): void {
  const path = join(run, 'checkpoint.safetensors');
  const { tensors, metadata } = readSafetensors(path);
  const position = change(JSON.parse(metadata.position) as Record<string, unknown>);
  writeSafetensors(path, tensors, { ...metadata, position: JSON.stringify(position) });
}

const RESUME = ['train', '--resume', 'r', '--epochs', '4', '--data-dir', DATA_DIR];

describe('a damaged file ends a command in one sentence, and nothing is touched', () => {
  it.each<[string, () => void, string[], RegExp]>([
    [
      'run.json, a number',
      () => writeFileSync(join(run, 'run.json'), '5'),
      RESUME,
      /record .*run\.json: expected Object, got 5/,
    ],
    ['run.json, a list', () => writeFileSync(join(run, 'run.json'), '[]'), RESUME, /expected .*, got/],
    [
      'run.json without its backend',
      () => replace('run.json', '"backend": {', '"backen": {'),
      RESUME,
      /"backend": expected .*, got nothing/,
    ],
    [
      'run.json with an unknown status',
      () => replace('run.json', '"finished"', '"fine"'),
      RESUME,
      /"status": expected .*, got "fine"/,
    ],
    [
      'run.json in UTF-16 cut short',
      () => writeFileSync(join(run, 'run.json'), Buffer.from('\ufeff{"a', 'utf16le')),
      ['plot', 'r', '--out', 'x.svg'],
      /run\.json/,
    ],
    [
      'a history with a null line',
      () => appendFileSync(join(run, 'history.jsonl'), 'null\n'),
      ['plot', 'r'],
      /history\.jsonl is damaged: line \d+: expected Object, got null/,
    ],
    [
      'a history with an empty epoch',
      () => appendFileSync(join(run, 'history.jsonl'), '{}\n'),
      ['plot', 'r'],
      /line \d+: "epoch": expected .*, got nothing/,
    ],
    [
      'a history with an epoch beyond all',
      () => replace('history.jsonl', '"epoch":0', '"epoch":1e308'),
      ['plot', 'r'],
      /"epoch": expected/,
    ],
    [
      'a position that is not JSON',
      () => {
        const path = join(run, 'checkpoint.safetensors');
        const { tensors, metadata } = readSafetensors(path);
        writeSafetensors(path, tensors, { ...metadata, position: '{' });
      },
      RESUME,
      /checkpoint\.safetensors is damaged: where the training stood cannot be read/,
    ],
    [
      'a position in the middle of an epoch',
      () => spoilPosition((position) => ({ ...position, epoch: 0.5 })),
      RESUME,
      /"epoch": expected .*, got 0\.5/,
    ],
    [
      'a position before the beginning',
      () => spoilPosition((position) => ({ ...position, epoch: -1 })),
      RESUME,
      /"epoch": expected .*, got -1/,
    ],
    [
      'more steps than an epoch has',
      () => spoilPosition((position) => ({ ...position, stepInEpoch: 5000 })),
      RESUME,
      /no more steps in the epoch than it has/,
    ],
    [
      'other steps an epoch than the run',
      () => spoilPosition((position) => ({ ...position, stepsPerEpoch: 3000 })),
      RESUME,
      /it has 3000 steps an epoch, the run \d+/,
    ],
    [
      'epochs that have no history',
      () => spoilPosition((position) => ({ ...position, epoch: 3 })),
      RESUME,
      /a history of all finished epochs/,
    ],
    [
      'one flipped bit of a weight',
      () => {
        const path = join(run, 'checkpoint.safetensors');
        spoilPosition((position) => position);
        const bytes = readFileSync(path);
        bytes[bytes.length - 1001] ^= 64;
        writeFileSync(path, bytes);
      },
      RESUME,
      /it is damaged: its content does not match the SHA-256 sum in it/,
    ],
  ])('%s', { timeout: 60_000 }, async (_name, spoil, args, message) => {
    freshRun();
    spoil();
    const before = contents(run);
    const { code, stderr } = await runCli(args, cwd);
    expect(stderr).toMatch(message);
    expect(
      stderr
        .trimEnd()
        .split('\n')
        .filter((line) => line.startsWith('Error')),
    ).toHaveLength(1);
    expect(stderr).not.toMatch(/This is a bug|\n {4}at /);
    expect(code === 1 || code === 2).toBe(true);
    expect(contents(run)).toEqual(before);
  });

  it.each([
    [
      'an alias of itself',
      'epochs: &a [*a]',
      /epochs: expected a number .*, got a structure that JSON cannot hold/,
    ],
    ['an object where numbers belong', 'stepEpochs: {toString: 1}', /stepEpochs: expected numbers/],
    ['an endless time', 'maxTime: .inf', /maxTime: expected a duration/],
    ['no keys', '- 1', /expected keys and values/],
  ])('a configuration with %s', async (_name, text, message) => {
    freshRun();
    writeFileSync(join(cwd, 'c.yaml'), text);
    const { code, stderr } = await runCli(['train', '--config', 'c.yaml'], cwd);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/This is a bug/);
    expect(code).toBe(2);
    expect(readdirSync(join(cwd, 'models'))).toEqual(['r']);
  });

  it('a configuration with a byte-order mark is read', async () => {
    freshRun();
    writeFileSync(join(cwd, 'c.yaml'), Buffer.from('\ufeffepochs: 3\n', 'utf16le'));
    const { stdout, code } = await runCli(['train', '--config', 'c.yaml', '--print-config'], cwd);
    expect([code, /^epochs: 3$/m.test(stdout)]).toEqual([0, true]);
  });

  it('an augmentation nested without end', async () => {
    freshRun();
    writeFileSync(join(cwd, 'deep.json'), `{"zoom": ${'['.repeat(1e5)}${']'.repeat(1e5)}}`);
    const { code, stderr } = await runCli(['samples', '--augment', 'deep.json', '--data-dir', DATA_DIR], cwd);
    expect(stderr).toMatch(/deep\.json: "zoom" must be a pair/);
    expect(stderr.length).toBeLessThan(1500);
    expect(code).toBe(2);
  });

  it('a model whose layer takes its input from what is not there', { timeout: 30_000 }, async () => {
    freshRun();
    cpSync(KEPT, join(cwd, 'models', 'kept'), { recursive: true });
    const path = join(cwd, 'models', 'kept', 'last', 'model.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"name":"conv2"', '"name":"conv99"'));
    const { code, stderr } = await runCli(
      ['evaluate', 'kept', '--data-dir', DATA_DIR, '--limit-test', '10'],
      cwd,
    );
    expect(stderr).toMatch(
      /model\.json is not a tfjs layers model: .* takes its input from "conv2", and there is no such layer/,
    );
    expect(code).toBe(1);
  });

  it('arrays that are no probabilities, or not what was written', async () => {
    freshRun();
    writeNpy(join(cwd, 'zeros.npy'), new Float32Array(100), [10, 10]);
    const ensemble = (name: string) =>
      runCli(['ensemble', name, '--data-dir', DATA_DIR, '--limit-test', '10'], cwd);
    const zeros = await ensemble('zeros.npy');
    expect(zeros.stderr).toMatch(
      /zeros\.npy: expected probabilities that sum up to 1 in each row, got 0 in row 0/,
    );
    writeNpy(join(cwd, 'even.npy'), new Float32Array(100).fill(0.1), [10, 10]);
    writeFileSync(join(cwd, 'even.json'), JSON.stringify({ run: 'r', sha256: 'not this' }));
    expect((await ensemble('even.npy')).stderr).toMatch(/even\.npy is damaged: its content does not match/);
    const bytes = readFileSync(join(cwd, 'zeros.npy'));
    bytes.write("{'descr': \u001b[31mRED", 10);
    writeFileSync(join(cwd, 'red.npy'), bytes);
    const red = await ensemble('red.npy');
    expect(red.stderr).toMatch(/red\.npy/);
    expect(red.stderr).not.toContain('\u001b');
    expect([zeros.code, red.code, existsSync(join(cwd, 'models', 'r'))]).toEqual([1, 1, true]);
  });
});
