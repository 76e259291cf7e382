import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/**
 * Cores that this process may use: those of its affinity mask, or the quota of its container, which Node (before version 24) does not
 * look at, or what Slurm has given it: whichever is least.
 * @param root of the file system, for tests
 */
export function usableCores(
  available: number = availableParallelism(),
  root = '/',
  allocated = process.env['SLURM_CPUS_PER_TASK'],
): number {
  const given = Number(allocated);
  return Math.max(1, Math.min(available, Math.floor(cpuQuota(root)), given >= 1 ? given : Infinity));
}

/** Processor time a second that the control groups of this process allow; Infinity without a limit. */
function cpuQuota(root: string): number {
  const groups = read(join(root, 'proc/self/cgroup'));
  if (groups === undefined) return Infinity;
  const quotas = groups.split('\n').flatMap((line) => {
    // <number>:<controllers>:<path>; version 2 has no controllers.
    const [, controllers, path = '/'] = line.split(':');
    if (controllers === '') return upTo(path).map((group) => quotaOf2(join(root, 'sys/fs/cgroup', group)));
    if (!(controllers ?? '').split(',').includes('cpu')) return [];
    return upTo(path).map((group) => quotaOf1(join(root, 'sys/fs/cgroup/cpu', group)));
  });
  return Math.min(Infinity, ...quotas);
}

/** A group and all those around it: the least of their limits counts. */
function upTo(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '..');
  return parts.map((_, i) => parts.slice(0, parts.length - i).join('/')).concat('');
}

function quotaOf2(folder: string): number {
  const [quota, period] = (read(join(folder, 'cpu.max')) ?? '').trim().split(' ').map(Number);
  return quota > 0 && period > 0 ? quota / period : Infinity;
}

function quotaOf1(folder: string): number {
  const [quota, period] = ['cpu.cfs_quota_us', 'cpu.cfs_period_us'].map((name) =>
    Number(read(join(folder, name))),
  );
  return quota > 0 && period > 0 ? quota / period : Infinity;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
