import { describe, expect, it } from 'vitest';
import { oneLine, printable, shown } from '../../src/util/text.js';

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
