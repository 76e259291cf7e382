import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { oneLine, printable, readTextFile, shown } from '../../src/util/text.js';
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

describe('values of files in messages', () => {
  it('are short, and need not be JSON', () => {
    const circle: unknown[] = [];
    circle.push(circle);
    expect(shown({ a: 1 })).toBe('{"a":1}');
    expect(shown('\u001b[2J')).toBe('"\\u001b[2J"');
    expect(shown('x'.repeat(5000)).length).toBe(61);
    expect(shown(circle)).toBe('a structure that JSON cannot hold');
    expect(shown(JSON.parse('['.repeat(1e5) + ']'.repeat(1e5))).length).toBeLessThan(70);
    expect([shown(undefined), shown(NaN), shown(Infinity)]).toEqual(['nothing', 'null', 'null']);
  });

  it('control no terminal', () => {
    expect(printable('a\u001b[31m\r\n\u009b\u202e')).toBe('a\\u001b[31m\\u000d\n\\u009b\\u202e');
    expect(oneLine('a\nb')).toBe('a\\nb');
    expect(oneLine('ä x')).toBe('ä x');
    const long = oneLine('x'.repeat(9000));
    expect(long.length).toBeLessThan(1210);
    expect(long).toContain(' … ');
  });
});
