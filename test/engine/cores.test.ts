import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { usableCores } from '../../src/engine/cores.js';
import { temporaryFolder } from '../helpers/folders.js';

function root(files: Record<string, string>): string {
  const folder = temporaryFolder();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

describe('usable cores', () => {
  it.each<[string, number, Record<string, string>]>([
    ['no control groups', 8, {}],
    ['no limit', 8, { 'proc/self/cgroup': '0::/a/b\n', 'sys/fs/cgroup/a/b/cpu.max': 'max 100000\n' }],
    ['three cores', 3, { 'proc/self/cgroup': '0::/a\n', 'sys/fs/cgroup/a/cpu.max': '300000 100000\n' }],
    [
      'a limit of the group around it',
      2,
      {
        'proc/self/cgroup': '0::/a/b\n',
        'sys/fs/cgroup/a/b/cpu.max': '500000 100000\n',
        'sys/fs/cgroup/a/cpu.max': '250000 100000\n',
      },
    ],
    ['half a core', 1, { 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/cpu.max': '50000 100000\n' }],
    [
      'the first version',
      4,
      {
        'proc/self/cgroup': '4:cpu,cpuacct:/x\n3:memory:/x\n',
        'sys/fs/cgroup/cpu/x/cpu.cfs_quota_us': '400000\n',
        'sys/fs/cgroup/cpu/x/cpu.cfs_period_us': '100000\n',
      },
    ],
    [
      'the first version without limit',
      8,
      {
        'proc/self/cgroup': '4:cpu:/x\n',
        'sys/fs/cgroup/cpu/x/cpu.cfs_quota_us': '-1\n',
        'sys/fs/cgroup/cpu/x/cpu.cfs_period_us': '100000\n',
      },
    ],
  ])('with %s', (_name, expected, files) => {
    expect(usableCores(8, root(files))).toBe(expected);
  });

  it('are never more than the process may use', () => {
    expect(
      usableCores(1, root({ 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/cpu.max': '400000 100000\n' })),
    ).toBe(1);
  });
});
