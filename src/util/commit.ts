import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of this program's package.json. */
const PACKAGE_ROOT = join(import.meta.dirname, '../..');

/**
 * The commit of this program: of the repository whose top folder its package is, with `+changes` when files under
 * version control differ from it in src/ or scripts/. Undefined where it was installed as a package, also within somebody
 * else's repository.
 */
export function programCommit(folder: string = PACKAGE_ROOT): string | undefined {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    if (realpathSync(git('rev-parse', '--show-toplevel')) !== realpathSync(folder)) return undefined;
    const changed = git('status', '--porcelain', '--untracked-files=no', '--', ':/src', ':/scripts') !== '';
    return git('rev-parse', 'HEAD') + (changed ? '+changes' : '');
  } catch {
    return undefined;
  }
}
