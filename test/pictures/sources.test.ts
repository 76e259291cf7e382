import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { findPictures } from '../../src/pictures/sources.js';
import { readBytes } from '../../src/pictures/readBytes.js';
import { temporaryFolder } from '../helpers/folders.js';

function tree(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'cat', '.hidden'), { recursive: true });
  for (const name of ['10.png', '9.JPG', 'notes.txt', 'cat/a.webp', 'cat/.b.png', 'cat/.hidden/c.png']) {
    writeFileSync(join(folder, name), name);
  }
  symlinkSync(folder, join(folder, 'cat', 'above'));
  return folder;
}

describe('findPictures', () => {
  it('takes folders whole, in the order of numbers, and no circle twice', () => {
    const folder = tree();
    const { sources, otherFiles } = findPictures([folder]);
    expect(sources.map(({ name }) => relative(folder, name))).toEqual(['9.JPG', '10.png', 'cat/a.webp']);
    expect(sources.map((source) => source.folder).at(-1)).toBe('cat');
    expect(otherFiles).toBe(1);
  });

  it('keeps the order of names, and says of each what is wrong when it is read', async () => {
    const folder = tree();
    const { sources } = findPictures([join(folder, 'notes.txt'), join(folder, 'gone.png'), 'ftp://x/y']);
    expect((await sources[0].read()).toString()).toBe('notes.txt');
    await expect(sources[1].read()).rejects.toThrow('there is no such file');
    await expect(sources[2].read()).rejects.toThrow('neither');
  });

  it('reads standard input, unless that is a terminal', async () => {
    const given = findPictures(['-'], Readable.from([Buffer.from('ab'), Buffer.from('c')]));
    expect((await given.sources[0].read()).toString()).toBe('abc');
    const terminal = Object.assign(Readable.from([]), { isTTY: true });
    await expect(findPictures(['-'], terminal).sources[0].read()).rejects.toThrow('lead a picture there');
  });
});

it('readBytes gives up what never ends', async () => {
  let given = 0;
  const endless = Readable.from(
    (function* () {
      for (;;) {
        given++;
        yield Buffer.alloc(2 ** 20);
      }
    })(),
  );
  await expect(readBytes(endless, 10 * 2 ** 20)).rejects.toThrow('more than 10 MiB');
  expect(given).toBeLessThan(40);
});
