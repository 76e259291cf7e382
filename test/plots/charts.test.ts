import { describe, expect, it } from 'vitest';
import { confusionChart } from '../../src/plots/confusion.js';
import { accuracyByCountChart } from '../../src/plots/ensembleCurve.js';
import { reliabilityChart } from '../../src/plots/reliability.js';
import { chartToSvg } from '../../src/plots/render.js';
import { CLASSES, countMarks, decode, linePaths, pixel, texts } from './support.js';

const matrix = CLASSES.map((_, t) => CLASSES.map((__, p) => (t === p ? 900 + t : 10 * t + p)));

describe('confusion matrix', () => {
  it('shows each count, each class on both axes, and the accuracy', async () => {
    const { svg } = await confusionChart(matrix, CLASSES, 'deep');
    expect(countMarks(svg, 'rect mark')).toBe(100);
    const shown = texts(svg);
    for (const name of CLASSES) expect(shown.filter((text) => text === name)).toHaveLength(2);
    for (const count of matrix.flat()) expect(shown).toContain(String(count));
    expect(shown).toEqual(expect.arrayContaining(['true class', 'predicted class', 'deep']));
    const total = matrix.flat().reduce((a, b) => a + b);
    expect(shown).toContain(`9045 of ${total} right (${((100 * 9045) / total).toFixed(2)} %)`);
  });

  it('puts true classes in rows, and darkens a cell by its share of the row', async () => {
    const { svg, png } = await confusionChart([Int32Array.of(0, 4), Int32Array.of(2, 2)], ['a', 'b']);
    const cells = [
      ...svg.matchAll(/aria-label="predicted class: (\w); true class: (\w); share[^"]*: ([\d.]+)/g),
    ];
    expect(cells.map(([, prediction, truth, share]) => `${truth}${prediction} ${share}`)).toEqual([
      'aa 0',
      'ab 100',
      'ba 50',
      'bb 50',
    ]);
    const pixels = decode(png);
    const frame = /translate\(([\d.]+),([\d.]+)\)/.exec(svg)?.slice(1).map(Number) ?? [];
    const at = (row: number, column: number): number =>
      pixel(pixels, 2 * (frame[0] + 54 * column + 6), 2 * (frame[1] + 54 * row + 6)).reduce((a, b) => a + b);
    expect(at(0, 1)).toBeLessThan(at(1, 0));
    expect(at(1, 0)).toBeLessThan(at(0, 0));
    expect(at(1, 0)).toBe(at(1, 1));
  });

  it('draws classes that no image belongs to', async () => {
    const { svg } = await confusionChart([[0, 0], [0, 0]], ['a', 'b']); // prettier-ignore
    expect(texts(svg)).toContain('no images');
  });

  it('refuses what does not fit', async () => {
    await expect(confusionChart([[1, 2]], ['a', 'b'])).rejects.toThrow(
      'Expected a confusion matrix of 2×2 counts',
    );
    await expect(confusionChart([[1, 2], [1]], ['a', 'b'])).rejects.toThrow('one of 1 counts');
    await expect(confusionChart([[1, 2], [1, NaN]], ['a', 'b'])).rejects.toThrow('got NaN'); // prettier-ignore
    await expect(confusionChart([[1, 2], [1, 2]], ['a', 'a'])).rejects.toThrow('different class names'); // prettier-ignore
    await expect(confusionChart([], [])).rejects.toThrow('different class names');
  });
});

describe('reliability diagram', () => {
  it('draws the bins that hold images, their gaps, and the calibration error', async () => {
    const bins = [
      { confidence: NaN, accuracy: NaN, count: 0 },
      { confidence: 0.5, accuracy: 0.25, count: 100 },
      { confidence: 0.9, accuracy: 1, count: 300 },
    ];
    const { svg, png } = await reliabilityChart(bins, 'Calibration of deep');
    // 100/400 · 0.25 + 300/400 · 0.1
    expect(texts(svg)).toContain('expected calibration error 13.75 % over 400 images');
    expect(linePaths(svg)).toEqual(['M0,380L380,0', 'M190,285L342,0']);
    expect(countMarks(svg, 'rule mark')).toBe(2);
    expect(countMarks(svg, 'bar')).toBe(2);
    expect(texts(svg)).toEqual(
      expect.arrayContaining(['measured', 'gap', 'perfect calibration', 'confidence']),
    );
    expect(decode(png).width).toBeGreaterThan(760);
  });

  it('draws a single bin', async () => {
    const { svg } = await reliabilityChart([{ confidence: 1, accuracy: 1, count: 1 }]);
    expect(countMarks(svg, 'bar')).toBe(1);
  });

  it('refuses empty bins and values that are no shares', async () => {
    await expect(reliabilityChart([{ confidence: 0, accuracy: 0, count: 0 }])).rejects.toThrow(
      'got 1 empty bins',
    );
    await expect(reliabilityChart([{ confidence: 1.2, accuracy: 0, count: 5 }])).rejects.toThrow(
      'got 1.2, 0 and 5',
    );
    await expect(reliabilityChart([{ confidence: NaN, accuracy: 0, count: 5 }])).rejects.toThrow(
      'got NaN, 0 and 5',
    );
  });
});

describe('accuracy by count', () => {
  it('draws a point for each count, and the reference beside it', async () => {
    const { svg } = await accuracyByCountChart({
      title: 'Accuracy by ensemble size',
      countTitle: 'members',
      accuracies: [0.94, 0.945, 0.95],
      reference: { label: 'mean of the members', accuracy: 0.9421 },
    });
    expect(linePaths(svg).map((path) => (path.match(/[ML]/g) ?? []).length)).toEqual([2, 3]);
    expect(countMarks(svg, 'circle')).toBe(3);
    expect(texts(svg)).toEqual(
      expect.arrayContaining([
        '95.00 % with 3; mean of the members 94.21 %',
        'mean of the members',
        'averaged',
        'members',
      ]),
    );
  });

  it('does without a reference, also for one count and for many', async () => {
    const one = await accuracyByCountChart({ title: 't', countTitle: 'passes', accuracies: [1] });
    expect(countMarks(one.svg, 'circle')).toBe(1);
    const many = await accuracyByCountChart({
      title: 't',
      countTitle: 'passes',
      accuracies: Array(100).fill(0.5),
    });
    expect(countMarks(many.svg, 'circle')).toBe(1);
    expect(texts(many.svg)).not.toContain('averaged');
  });

  it('refuses none and impossible ones', async () => {
    const chart = (accuracies: number[]) => () =>
      accuracyByCountChart({ title: 'T', countTitle: 'n', accuracies });
    await expect(chart([])).rejects.toThrow('to draw "T", got none');
    await expect(chart([0.5, NaN])).rejects.toThrow('got NaN');
    await expect(chart([94])).rejects.toThrow('got 94');
  });
});

describe('drawing', () => {
  it('throws what vega would only warn about', async () => {
    const wrong = {
      data: { values: [{ a: 1 }] },
      mark: 'point',
      encoding: { x: { field: 'a', type: 'nominal', scale: { type: 'linear' } } },
    } as const;
    await expect(chartToSvg(wrong)).rejects.toThrow('The chart cannot be drawn');
  });
});
