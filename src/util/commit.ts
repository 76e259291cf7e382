import { execFileSync } from 'node:child_process';

/**
 * The commit that a folder of a git repository stands at, with `+changes` when files under version control differ
 * from it in src/ or scripts/; undefined outside a repository.
 */
export function commitOf(folder: string): string | undefined {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no', '--', ':/src', ':/scripts') !== '';
    return git('rev-parse', 'HEAD') + (changed ? '+changes' : '');
  } catch {
    return undefined;
  }
}
