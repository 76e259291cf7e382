import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runCli } from '../helpers/cli.js';
import { DATA_DIR, temporaryFolder } from '../helpers/folders.js';

const DIST = new URL('../../dist', import.meta.url).pathname;
const TINY = [
  ...['--model', 'fast-proxy', '--backend', 'wasm', '--limit-train', '20', '--limit-test', '10'],
  ...['--batch-size', '10', '--epochs', '1'],
];

describe('little address space', () => {
  const limited = (command: string): string =>
    spawnSync('bash', ['-c', `ulimit -v 8000000; ${process.execPath} ${DIST}/cli.js ${command} 2>&1`], {
      encoding: 'utf8',
    }).stdout;

  it('is enough for what computes nothing, and is seen by what looks for backends', () => {
    expect(limited('models')).toMatch(/^bench +1,418,826/m);
    expect(limited('backends')).toMatch(
      /^wasm +no .*its memory of 4 GiB of address space cannot be reserved/m,
    );
  });

  it('refuses a training on WebAssembly in one sentence', () => {
    const text = limited(`train ${TINY.join(' ')} --models-dir ${temporaryFolder()} --data-dir ${DATA_DIR}`);
    expect(text).toMatch(/^Error: The backend wasm is not usable here: its memory of 4 GiB/);
    expect(text.trim().split('\n')).toHaveLength(1);
  });
});

describe('variables that bind OpenMP’s threads', () => {
  /** Threads that the backend computes with, and cores that Node's main thread may use once the library is loaded. */
  const seen = (env: Record<string, string>): string => {
    const provider = pathToFileURL(join(DIST, 'engine/onednn/provider.js')).href;
    const script = `const { onednnProvider } = await import(${JSON.stringify(provider)});
      const { usable, details } = await onednnProvider.probe();
      const { availableParallelism } = await import('node:os');
      console.log(usable ? details.threads + ' ' + availableParallelism() : 'none');`;
    const options = { encoding: 'utf8', env: { ...process.env, ...env } } as const;
    return spawnSync(process.execPath, ['--input-type=module', '-e', script], options).stdout.trim();
  };

  it('bind neither Node’s threads nor the count', () => {
    const free = seen({});
    expect(free).toMatch(/^\d+ \d+$|^none$/);
    for (const env of [{ OMP_PROC_BIND: 'true' }, { OMP_PLACES: 'cores' }, { GOMP_CPU_AFFINITY: '0' }]) {
      expect(seen(env), Object.keys(env)[0]).toBe(free);
    }
  });
});

describe('where the program runs', () => {
  it('may be a folder with blanks and other letters, without HOME, on a terminal that is dumb', async () => {
    const cwd = join(temporaryFolder(), 'größe und 猫 b');
    mkdirSync(cwd);
    const env = { HOME: undefined, TERM: 'dumb', NO_COLOR: '1' };
    const train = await runCli(['train', ...TINY, '--data-dir', DATA_DIR, '--name', 'r', '--json'], cwd, {
      env,
    });
    expect(train.code).toBe(0);
    const lines = train.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toEqual([
      expect.objectContaining({
        type: 'epoch',
        epoch: 1,
        epochs: 1,
        validationAccuracy: expect.any(Number) as number,
      }),
      expect.objectContaining({ type: 'result', run: join('models', 'r'), status: 'finished', tta: null }),
    ]);
    const evaluated = await runCli(['evaluate', 'r', '--data-dir', DATA_DIR, '--limit-test', '10'], cwd, {
      env,
    });
    expect(evaluated.stdout).toMatch(/^r, its last epoch, 1 of 1, on the first 10 test images\naccuracy/);
    expect(evaluated.stdout + evaluated.stderr).not.toContain('\u001b');
  });

  it('is told what to copy into a shell when its data are missing', async () => {
    const { stderr } = await runCli(['evaluate', 'x', '--data-dir', 'my data'], temporaryFolder());
    expect(stderr).toMatch(/No run "x"/);
    const train = await runCli(['train', ...TINY, '--data-dir', 'my data'], temporaryFolder());
    expect(train.stderr).toMatch(/missing\. Run: cifar download --data-dir 'my data'/);
  });
});
