import { renderChart } from './render.js';
import { PALETTE, chartTitle } from './theme.js';
import type { Picture } from './types.js';

/** A configuration that was tried. */
export interface TriedPoint {
  values: Readonly<Record<string, unknown>>;
  /** Epochs after which it was judged. */
  epochs: number;
  /** 0…1. */
  accuracy: number;
}

/** The colour's name. */
const after = (epochs: number): string => (epochs === 1 ? 'after 1 epoch' : `after ${epochs} epochs`);

const WIDTH = 300;
const HEIGHT = 220;
const COLUMNS = 2;

/** Each searched option against the accuracy on held-out images; how far a configuration came is its colour. */
export async function searchChart(title: string, points: readonly TriedPoint[]): Promise<Picture> {
  const keys = [...new Set(points.flatMap(({ values }) => Object.keys(values)))];
  const rungs = [...new Set(points.map(({ epochs }) => epochs))].sort((a, b) => a - b);
  return await renderChart({
    title: chartTitle(title, COLUMNS * WIDTH, 'accuracy on held-out images'),
    columns: Math.min(COLUMNS, keys.length),
    concat: keys.map((key) => {
      const values = points.map((point) => ({
        value: point.values[key],
        accuracy: point.accuracy,
        epochs: after(point.epochs),
      }));
      const numbers = values.flatMap(({ value }) => (typeof value === 'number' ? [value] : []));
      const isNumber = numbers.length === values.length;
      const isWide =
        isNumber && Math.min(...numbers) > 0 && Math.max(...numbers) / Math.min(...numbers) >= 30;
      return {
        ...{ width: WIDTH, height: HEIGHT, data: { values } },
        mark: { type: 'circle' as const, size: 50, opacity: 0.9 },
        encoding: {
          x: {
            ...{ field: 'value', title: key },
            type: isNumber ? ('quantitative' as const) : ('nominal' as const),
            ...(isNumber && {
              scale: isWide ? { type: 'log' as const } : { zero: false },
            }),
          },
          y: {
            ...{ field: 'accuracy', type: 'quantitative' as const, title: 'accuracy' },
            ...{ scale: { zero: false }, axis: { format: '~%' } },
          },
          color: {
            ...{ field: 'epochs', type: 'nominal' as const, sort: rungs.map(after) },
            scale: {
              domain: rungs.map(after),
              range: rungs.map((_, i) => PALETTE[i % PALETTE.length]),
            },
            legend: { title: null, orient: 'bottom' as const },
          },
        },
      };
    }),
  });
}
