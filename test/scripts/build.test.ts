import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/folders.js';

const ROOT = new URL('../..', import.meta.url).pathname;

/** The project in a folder of its own, with what a build needs. */
function copyOfProject(): string {
  const folder = temporaryFolder();
  for (const name of ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'src']) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  cpSync(join(ROOT, 'scripts/build.mjs'), join(folder, 'scripts/build.mjs'));
  // As it was built before the tests: the first of its builds.
  cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

describe('npm run build', () => {
  it(
    'leaves a program that every documented call starts, however often it is built',
    { timeout: 240_000 },
    () => {
      const cwd = copyOfProject();
      // npm keeps its link to the program between calls; here in a cache of this test's own.
      const env = {
        ...process.env,
        npm_config_cache: join(cwd, 'npm-cache'),
        npm_config_update_notifier: 'false',
      };
      const call = (command: string, ...args: string[]): string =>
        execFileSync(command, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
      const { version } = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8')) as { version: string };

      expect(call('npx', 'cifar', '--version').trim()).toBe(version);
      // What a file left, and what somebody took away: the next build mends both.
      writeFileSync(join(cwd, 'dist/stale.js'), '');
      rmSync(join(cwd, 'dist/util/rng.js'));
      call('npm', 'run', 'build');
      expect(existsSync(join(cwd, 'dist/stale.js'))).toBe(false);
      expect(existsSync(join(cwd, 'dist/util/rng.js'))).toBe(true);

      expect(call('npx', 'cifar', '--version').trim()).toBe(version);
      expect(call(process.execPath, 'dist/cli.js', '--version').trim()).toBe(version);
      expect(call('./dist/cli.js', '--version').trim()).toBe(version);
      expect(call('npm', 'run', '--silent', 'cifar', '--', '--version').trim()).toBe(version);
    },
  );
});
