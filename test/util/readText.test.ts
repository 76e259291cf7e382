import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTextFile } from '../../src/util/readText.js';
import { temporaryFolder } from '../helpers/folders.js';

describe('a text file', () => {
  const place = () => join(temporaryFolder(), 'text');

  it.each([
    ['UTF-8', Buffer.from('größe: 1')],
    ['UTF-8 with a mark', Buffer.from('\ufeffgröße: 1')],
    ['UTF-16, least byte first', Buffer.from('\ufeffgröße: 1', 'utf16le')],
    ['UTF-16, most byte first', Buffer.from('\ufeffgröße: 1', 'utf16le').swap16()],
  ])('is read as %s', (_name, bytes) => {
    const path = place();
    writeFileSync(path, bytes);
    expect(readTextFile(path)).toBe('größe: 1');
  });

  it('is not read when it is larger than any that is meant', () => {
    const path = place();
    writeFileSync(path, '');
    truncateSync(path, 300 * 2 ** 20);
    expect(() => readTextFile(path)).toThrow(/it has 314572800 bytes/);
  });
});
