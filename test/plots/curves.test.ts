import { describe, expect, it } from 'vitest';
import { comparisonChart, curvesChart } from '../../src/plots/curves.js';
import { textWidth } from '../../src/plots/font.js';
import { PALETTE } from '../../src/plots/theme.js';
import { countMarks, decode, history, linePaths, pixel, texts } from './support.js';

const pointCount = (path: string): number => (path.match(/[ML]/g) ?? []).length;

describe('curves of one run', () => {
  it('draws loss and accuracy, train and validation, with every epoch', async () => {
    const { svg, png } = await curvesChart(history(12), 'bench-normal');
    expect(texts(svg)).toEqual(
      expect.arrayContaining([
        'bench-normal',
        'Loss',
        'Accuracy',
        'epochs trained',
        'train',
        'validation',
        '80%',
      ]),
    );
    expect(linePaths(svg).map(pointCount)).toEqual([12, 12, 12, 12]);
    expect(countMarks(svg, 'circle')).toBe(4 * 12);
    const size = /width="([\d.]+)" height="([\d.]+)"/.exec(svg);
    const pixels = decode(png);
    expect([pixels.width, pixels.height]).toEqual([2 * Number(size?.[1]), 2 * Number(size?.[2])]);
    expect(pixel(pixels, 0, 0)).toEqual([255, 255, 255]);
  });

  it('places values where the axes say', async () => {
    const records = history(2, (epoch) => ({
      trainLoss: epoch,
      validationLoss: 0.5,
      trainAccuracy: 0.5,
      validationAccuracy: 0.5 + 0.1 * epoch,
    }));
    const [trainLoss, validationLoss] = linePaths((await curvesChart(records, 'run')).svg);
    // 400×260 pixels for 0…2 epochs and a loss of 0…1, which grows upwards.
    expect(trainLoss).toBe('M200,260L400,0');
    expect(validationLoss).toBe('M200,130L400,130');
  });

  it('names epochs by whole numbers and tells the last from the best', async () => {
    const records = history(3, (epoch) => ({ validationAccuracy: [0.5, 0.9251, 0.8][epoch] }));
    const { svg } = await curvesChart(records, 'run');
    expect(texts(svg)).toContain(
      'validation accuracy: last 80.00 % after 3 epochs, best 92.51 % after 2 epochs',
    );
    const axis = /X-axis titled 'epochs trained'.*?role-axis-title/s.exec(svg)?.[0] ?? '';
    expect(texts(axis)).toEqual(['0', '1', '2', '3']);
  });

  it('draws a single epoch as dots', async () => {
    const { svg } = await curvesChart(history(1), 'run');
    expect(countMarks(svg, 'circle')).toBe(4);
    expect(texts(svg)).toContain(
      'validation accuracy: last 30.00 % after 1 epoch, best 30.00 % after 1 epoch',
    );
  });

  it('leaves gaps where the loss is not a number, and a dot on a value between two gaps', async () => {
    const gaps = new Set([10, 12]);
    const records = history(100, (epoch) => (gaps.has(epoch) ? { trainLoss: NaN } : {}));
    const { svg } = await curvesChart(records, 'diverged');
    const [trainLoss, validationLoss] = linePaths(svg);
    expect(trainLoss.match(/M/g)).toHaveLength(3);
    expect(pointCount(trainLoss)).toBe(98);
    expect(pointCount(validationLoss)).toBe(100);
    expect(countMarks(svg, 'circle')).toBe(1);
  });

  it('joins the epochs that were validated across those that were not', async () => {
    const records = history(9, (epoch) =>
      epoch % 4 === 0 ? {} : { validationLoss: null, validationAccuracy: null },
    );
    const { svg } = await curvesChart(records, 'run');
    const validation = linePaths(svg)[1];
    expect(validation.match(/M/g)).toHaveLength(1);
    expect(pointCount(validation)).toBe(3);
    // Two panels, each with nine values of training and three of validation.
    expect(countMarks(svg, 'circle')).toBe(24);
    expect(texts(svg)).toContain(
      'validation accuracy: last 92.22 % after 9 epochs, best 92.22 % after 9 epochs',
    );
  });

  it.each([1, 3, 100])('draws %i epochs without a single finite value', async (epochs) => {
    const nothing = history(epochs, () => ({
      trainLoss: NaN,
      validationLoss: Infinity,
      trainAccuracy: NaN,
      validationAccuracy: NaN,
    }));
    const { svg } = await curvesChart(nothing, 'nothing');
    expect(countMarks(svg, 'circle')).toBe(0);
    expect(svg).not.toContain('NaN');
    expect(texts(svg)).toContain('train');
  });

  it('shortens a long title to the chart and escapes its signs', async () => {
    const { svg } = await curvesChart(history(2), `a <b> & "c" ${'long '.repeat(100)}end`);
    const title = texts(svg).find((text) => text.startsWith('a <b> & "c"')) ?? '';
    expect(title).toMatch(/…(.*)end$/);
    expect(textWidth(title, 15, 'bold')).toBeLessThanOrEqual(870);
  });

  it('refuses a run without epochs', async () => {
    await expect(curvesChart([], 'empty-run')).rejects.toThrow(
      'Expected at least one finished epoch to draw, but "empty-run" has none',
    );
  });
});

describe('comparison of runs', () => {
  it('draws train left and validation right, loss above accuracy, one colour a run', async () => {
    const runs = [
      { name: 'bench-none', history: history(5) },
      { name: 'bench-normal', history: history(9) },
      { name: 'deep', history: history(1) },
    ];
    const { svg } = await comparisonChart(runs);
    expect(texts(svg)).toEqual(
      expect.arrayContaining(['Loss, train', 'Loss, validation', 'Accuracy, train', 'Accuracy, validation']),
    );
    for (const { name } of runs)
      expect(texts(svg).filter((text) => text.startsWith(`${name}  `))).toHaveLength(1);
    expect(linePaths(svg).map(pointCount).sort()).toEqual([1, 1, 1, 1, 5, 5, 5, 5, 9, 9, 9, 9]);
    for (const color of PALETTE.slice(0, 3)) expect(svg).toContain(`stroke="${color}"`);
    expect(svg).not.toContain(PALETTE[3]);
  });

  it('gives both sides of a row one scale', async () => {
    const records = history(2, () => ({
      trainLoss: 0,
      validationLoss: 2,
      trainAccuracy: 0.5,
      validationAccuracy: 1,
    }));
    const { svg } = await comparisonChart([{ name: 'run', history: records }]);
    const domains = [...svg.matchAll(/aria-label="Y-axis[^"]*with values from ([^"]*)"/g)].map(
      ([, domain]) => domain,
    );
    expect(domains).toEqual(['0.0 to 2.0', '0.0 to 2.0', '50% to 100%', '50% to 100%']);
  });

  it('keeps twelve long names whole or shortened in the middle, and tells equal names apart', async () => {
    const names = Array.from({ length: 9 }, (_, i) => `deep-strong-step-decay-seed-${i}-2026-11-24T01-53-35`);
    names.push('same', 'same', 'x'.repeat(300) + '-end');
    const runs = names.map((name, i) => ({ name, history: history(1 + i) }));
    const { svg, png } = await comparisonChart(runs);
    const shown = texts(svg);
    const named = (name: string): boolean => shown.some((text) => text.startsWith(`${name}  `));
    for (const name of names.slice(0, 9)) expect(named(name), name).toBe(true);
    expect([named('same'), named('same (2)')]).toEqual([true, true]);
    expect(shown.some((text) => /^x+…x+-end {2}\d+\.\d\d %$/.test(text))).toBe(true);
    // Nothing reaches the border, so nothing is cut off.
    const pixels = decode(png);
    for (let y = 0; y < pixels.height; y++)
      expect(pixel(pixels, pixels.width - 3, y)).toEqual([255, 255, 255]);
  });

  it('keeps the others readable beside a run that diverged, and draws the rate only where it changes', async () => {
    const wild = history(5, (epoch) => ({ trainLoss: 2 + 300 * epoch, validationLoss: 1325 }));
    const { svg } = await comparisonChart([
      { name: 'good', history: history(5) },
      { name: 'wild', history: wild },
    ]);
    const [domain] = [
      ...svg.matchAll(/aria-label="Y-axis titled 'Loss, train'[^"]*with values from ([^"]*)"/g),
    ].map(([, range]) => range);
    expect(Number(domain.split(' to ')[1])).toBeLessThan(30);
    const moving = history(4, (epoch) => ({ learningRate: epoch < 2 ? 0.001 : 0.0002 }));
    expect(texts((await curvesChart(moving, 'run')).svg)).toContain('Learning rate');
    expect(
      texts(
        (
          await curvesChart(
            history(4, () => ({ learningRate: 0.1 })),
            'run',
          )
        ).svg,
      ),
    ).not.toContain('Learning rate');
  });

  it('tells lines apart without their colours, and names what they were measured on', async () => {
    const runs = ['a', 'b', 'c'].map((name) => ({ name, history: history(3), measuredOn: 'test' }));
    const { svg } = await comparisonChart(runs);
    expect(new Set([...svg.matchAll(/stroke-dasharray="([^"]*)"/g)].map(([, dash]) => dash)).size).toBe(3);
    expect(texts(svg)).toEqual(expect.arrayContaining(['Loss, test', 'Accuracy, test']));
  });

  it('refuses none, too many, and a run without epochs', async () => {
    await expect(comparisonChart([])).rejects.toThrow('Expected 1 to 12 runs to compare');
    const many = Array.from({ length: 13 }, (_, i) => ({ name: `${i}`, history: history(1) }));
    await expect(comparisonChart(many)).rejects.toThrow('got 13; compare fewer at a time');
    await expect(comparisonChart([{ name: 'a', history: [] }])).rejects.toThrow('"a" has none');
  });
});
