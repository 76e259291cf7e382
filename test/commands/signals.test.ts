import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type RunningCli, runCli, startCli } from '../helpers/cli.js';
import { DATA_DIR, temporaryFolder } from '../helpers/folders.js';

const TRAIN = [
  ...['train', '--model', 'fast-proxy', '--backend', 'wasm', '--limit-train', '200', '--limit-test', '20'],
  ...['--batch-size', '10', '--data-dir', DATA_DIR, '--name', 'r'],
];
const LONG = [...TRAIN, '--epochs', '500'];

const statusOf = (cwd: string): unknown =>
  (JSON.parse(readFileSync(join(cwd, 'models/r/run.json'), 'utf8')) as { status: unknown }).status;

async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let tries = 0; !isSo(); tries++) {
    if (tries > 300) throw new Error(`${what} has not come`);
    await sleep(100);
  }
}

const begun = (cwd: string): Promise<void> =>
  until(() => existsSync(join(cwd, 'models/r/run.json')), 'the run');

describe('a training that is told to end', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s saves, and ends with 128 + its number', async (signal, code) => {
    const cwd = temporaryFolder();
    const cli = startCli(LONG, cwd);
    await begun(cwd);
    cli.process.kill(signal);
    const result = await cli.done;
    expect(result.stderr).toMatch(/Stopping….*\n.*the run is saved/);
    expect([result.code, statusOf(cwd)]).toEqual([code, 'interrupted']);
    expect(existsSync(join(cwd, 'models/r/checkpoint.safetensors'))).toBe(true);
  });

  it('by SIGHUP goes on where nothing was a terminal (nohup); two signals at once are one, a later second ends it', async () => {
    const cwd = temporaryFolder();
    const cli = startCli(LONG, cwd);
    await begun(cwd);
    cli.process.kill('SIGHUP');
    await sleep(500);
    expect(cli.process.exitCode).toBeNull();
    expect(statusOf(cwd)).toBe('running');
    // As npx hands on what the terminal has sent already.
    cli.process.kill('SIGINT');
    cli.process.kill('SIGINT');
    expect((await cli.done).code).toBe(130);
    expect(statusOf(cwd)).toBe('interrupted');
  });

  it.runIf(spawnSync('script', ['--version']).status === 0)(
    'by SIGHUP in a terminal saves, and ends with 129',
    async () => {
      const cwd = temporaryFolder();
      const cli = new URL('../../dist/cli.js', import.meta.url).pathname;
      const command = `${process.execPath} ${cli} ${LONG.join(' ')} & echo $! > pid; wait $!; echo $? > code`;
      const terminal = spawn('script', ['-qfec', command, '/dev/null'], { cwd, stdio: 'ignore' });
      try {
        await begun(cwd);
        process.kill(Number(readFileSync(join(cwd, 'pid'), 'utf8')), 'SIGHUP');
        await until(
          () => existsSync(join(cwd, 'code')) && readFileSync(join(cwd, 'code'), 'utf8') !== '',
          'the end',
        );
        expect([readFileSync(join(cwd, 'code'), 'utf8').trim(), statusOf(cwd)]).toEqual([
          '129',
          'interrupted',
        ]);
      } finally {
        terminal.kill();
      }
    },
  );
});

describe('a training whose standard output', () => {
  const SHORT = [...TRAIN, '--epochs', '2'];

  it('is closed by its reader goes on', async () => {
    const cwd = temporaryFolder();
    const cli: RunningCli = startCli(SHORT, cwd);
    cli.process.stdout?.destroy();
    expect([(await cli.done).code, statusOf(cwd)]).toEqual([0, 'finished']);
  });

  it.runIf(existsSync('/dev/full'))('is full goes on, is saved, and says so once', async () => {
    const cwd = temporaryFolder();
    const full = openSync('/dev/full', 'w');
    const { code, stderr } = await runCli(SHORT, cwd, { stdout: full });
    closeSync(full);
    expect(stderr.match(/standard output cannot be written \(the disk is full\)/g)).toHaveLength(1);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect([code, statusOf(cwd)]).toEqual([1, 'finished']);
  });
});
