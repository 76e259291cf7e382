import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

/**
 * Sets an earlier commit of this program up in a folder, and builds the one that stands here.
 * @returns the earlier program's own folder
 */
export function setUpEarlier(commit: string, folder: string): string {
  const earlier = join(folder, 'earlier');
  execFileSync('git', ['clone', '--quiet', ROOT, earlier]);
  execFileSync('git', ['checkout', '--quiet', commit], { cwd: earlier });
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: earlier,
    stdio: 'ignore',
  });
  execFileSync('npm', ['run', 'build'], { cwd: ROOT, stdio: 'ignore' });
  return earlier;
}
