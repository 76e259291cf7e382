import { existsSync, readFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { PartFile, removeStaleParts } from '../../../src/dataset/fetch/partFile.js';
import { temporaryFolder } from '../../helpers/folders.js';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

test('a file appears under its name with commit, not before', () => {
  const path = join(folder, 'new', 'file.bin');
  const part = new PartFile(path);
  part.append(Buffer.from('wrong'));
  part.restart();
  part.append(Buffer.from('one '));
  part.append(Buffer.from('two'));
  part.finish();
  expect(existsSync(path)).toBe(false);
  part.commit();
  part.discard();
  expect(readFileSync(path, 'utf8')).toBe('one two');
  expect(readdirSync(join(folder, 'new'))).toEqual(['file.bin']);
});

test('short writes are continued, and a finished file takes no more', () => {
  const path = join(folder, 'file.bin');
  const taken: number[] = [];
  const part = new PartFile(path, (_, bytes) => {
    const count = Math.min(3, bytes.length);
    taken.push(count);
    return count;
  });
  part.append(Buffer.alloc(7));
  expect(taken).toEqual([3, 3, 1]);
  part.finish();
  expect(() => part.append(Buffer.alloc(1))).toThrow(/closed already/);
  part.discard();
  expect(readdirSync(folder)).toEqual([]);
});

test('stale parts go, those of running downloads and other files stay', () => {
  const here = hostname().replace(/[^A-Za-z0-9_-]/g, '_');
  // No process has this number: Linux stops at 2^22.
  const gone = 99_999_999;
  const names = {
    gone: `a.bin.${here}-${gone}-00000000.part`,
    running: `a.bin.${here}-${process.pid}-00000000.part`,
    elsewhere: `a.bin.other-host-1-00000000.part`,
    old: `b.bin.other-host-1-00000000.part`,
    foreign: 'thesis.part',
    data: 'a.bin',
  };
  for (const name of Object.values(names)) writeFileSync(join(folder, name), '');
  const dayAndHourAgo = Date.now() / 1000 - 25 * 3600;
  utimesSync(join(folder, names.old), dayAndHourAgo, dayAndHourAgo);
  removeStaleParts(folder);
  expect(readdirSync(folder).sort()).toEqual(
    [names.running, names.elsewhere, names.foreign, names.data].sort(),
  );
  removeStaleParts(join(folder, 'no-such-folder'));
});
