import { describe, expect, it } from 'vitest';
import { StatusLine, bar, fitLine } from '../../src/commands/statusLine.js';

const parts = [
  { text: 'Epoch 1/8', rank: 3 },
  { text: bar(0.5, 10), rank: 1 },
  { text: '183 images/s', rank: 2 },
  { text: '3 min 05 s left in all', rank: 4 },
];

describe('fitLine', () => {
  it.each([
    [200, 'Epoch 1/8 · █████░░░░░ · 183 images/s · 3 min 05 s left in all'],
    [60, 'Epoch 1/8 · 183 images/s · 3 min 05 s left in all'],
    [40, 'Epoch 1/8 · 3 min 05 s left in all'],
    [30, '3 min 05 s left in all'],
    [5, '3 min 05 s left in all'],
  ])('leaves whole parts out to fit %i columns', (width, expected) => {
    expect(fitLine(parts, width)).toBe(expected);
  });
});

describe('StatusLine', () => {
  it('fits the terminal as wide as it is now, and is wiped out once', () => {
    const written: string[] = [];
    const stream = { columns: 70, write: (text: string) => written.push(text) > 0 };
    const line = new StatusLine(stream);
    line.show(parts);
    stream.columns = 41;
    line.show(parts);
    line.clear();
    line.clear();
    expect(written).toEqual([
      `\u001b[2K\r${fitLine(parts, 69)}`,
      '\u001b[2K\rEpoch 1/8 · 3 min 05 s left in all',
      '\u001b[2K\r',
    ]);
  });
});
