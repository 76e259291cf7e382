import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkPlace, ensureFolder, writeFileAtomic, writeFileOnce } from '../../src/util/files.js';
import { temporaryFolder } from '../helpers/folders.js';

describe('ensureFolder', () => {
  it('makes a folder with its parents, again and again', () => {
    const path = join(temporaryFolder(), 'a/b/c');
    ensureFolder(path);
    ensureFolder(path);
    expect(existsSync(path)).toBe(true);
  });

  it.each([
    ['/proc/nothing/here', /Cannot write \/proc\/nothing\/here: no folder can be made there/],
    ['FILE', /there is a file of that name/],
    ['FILE/below', /Cannot write .*FILE\/below: /],
  ])('refuses %s at once', (name, message) => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'FILE'), '');
    expect(() => ensureFolder(name.startsWith('/') ? name : join(cwd, name))).toThrow(message);
  });
});

describe('writeFileAtomic', () => {
  it('follows links, also to what is not there yet, and writes into devices and pipes', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'a'));
    symlinkSync('a/target', join(folder, 'link'));
    symlinkSync('link', join(folder, 'second'));
    writeFileAtomic(join(folder, 'second'), 'one');
    writeFileAtomic(join(folder, 'second'), 'two');
    expect(readFileSync(join(folder, 'a/target'), 'utf8')).toBe('two');
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true);
    symlinkSync('circle', join(folder, 'circle'));
    expect(() => writeFileAtomic(join(folder, 'circle'), 'x')).toThrow(
      /Cannot write .*circle: its links lead in a circle/,
    );
    writeFileAtomic('/dev/null', 'x');
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
    checkPlace('--out', '/dev/null');
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(['a', 'circle', 'link', 'second']);
  });

  it('joins chunks under the final name and leaves nothing else', () => {
    const folder = temporaryFolder();
    writeFileAtomic(join(folder, 'x/y.txt'), 'one ', Buffer.from('two'));
    expect(readFileSync(join(folder, 'x/y.txt'), 'utf8')).toBe('one two');
    expect(readdirSync(join(folder, 'x'))).toEqual(['y.txt']);
  });

  it('keeps what was there when it cannot replace it', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'taken'));
    expect(() => writeFileAtomic(join(folder, 'taken'), 'new')).toThrow(/Cannot write .*taken: /);
    expect(readdirSync(folder)).toEqual(['taken']);
  });
});

describe('writeFileOnce', () => {
  it('keeps what the first wrote, and leaves nothing else', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'rungs/2.json');
    writeFileOnce(path, 'first');
    writeFileOnce(path, 'second');
    expect(readFileSync(path, 'utf8')).toBe('first');
    expect(readdirSync(join(folder, 'rungs'))).toEqual(['2.json']);
  });
});
