import { CifarError } from '../util/errors.js';
import { renderChart } from './render.js';
import { chartTitle, INK } from './theme.js';
import type { Picture } from './types.js';

/** Side of a cell, pixels. */
const CELL = 54;
/** From this share of its row on, a cell is so dark that its count is written in white. */
const DARK_SHARE = 0.45;

/**
 * A confusion matrix: a row for each true class, a column for each predicted one, the count in each cell, and the colour
 * of a cell its share of the row. Colours grow with the square root of the share, so that rare mistakes can be told
 * from none.
 * @param counts `counts[t][p]` images of class t taken for class p; whole numbers, as many rows and columns as names
 * @throws CifarError if the matrix does not fit the names
 */
export async function confusionChart(
  counts: readonly ArrayLike<number>[],
  classNames: readonly string[],
  title = 'Confusion matrix',
): Promise<Picture> {
  const rows = counts.map((row) => Array.from(row));
  checkMatrix(rows, classNames);
  const cells = rows.flatMap((row, t) => {
    const total = row.reduce((a, b) => a + b, 0);
    return row.map((count, p) => {
      const share = total === 0 ? 0 : count / total;
      return { truth: classNames[t], prediction: classNames[p], count, share, dark: share >= DARK_SHARE };
    });
  });
  const side = CELL * classNames.length;
  const axis = { grid: false, domain: false, ticks: false, labelPadding: 6 } as const;
  return await renderChart({
    title: chartTitle(title, side, overall(rows)),
    width: side,
    height: side,
    view: { stroke: 'transparent' },
    data: { values: cells },
    encoding: {
      x: {
        field: 'prediction',
        type: 'nominal',
        title: 'predicted class',
        scale: { domain: [...classNames] },
        axis: { ...axis, labelAngle: -40 },
      },
      y: {
        field: 'truth',
        type: 'nominal',
        title: 'true class',
        scale: { domain: [...classNames] },
        axis,
      },
    },
    layer: [
      {
        mark: { type: 'rect', stroke: '#ffffff', strokeWidth: 1 },
        encoding: {
          color: {
            field: 'share',
            type: 'quantitative',
            scale: {
              type: 'sqrt',
              domain: [0, 1],
              range: ['#f7fbff', '#c6dbef', '#6baed6', '#2171b5', '#08306b'],
            },
            legend: {
              title: 'share of the true class',
              orient: 'bottom',
              format: '.0%',
              values: [0, 0.05, 0.2, 0.5, 1],
              gradientLength: side,
            },
          },
        },
      },
      {
        mark: { type: 'text', fontSize: 11 },
        encoding: {
          text: { field: 'count', type: 'quantitative', format: 'd' },
          color: { condition: { test: 'datum.dark', value: '#ffffff' }, value: INK.text },
        },
      },
    ],
  });
}

function overall(rows: readonly number[][]): string {
  const total = rows.flat().reduce((a, b) => a + b, 0);
  const right = rows.reduce((sum, row, i) => sum + row[i], 0);
  return total === 0 ? 'no images' : `${right} of ${total} right (${((100 * right) / total).toFixed(2)} %)`;
}

function checkMatrix(rows: readonly number[][], classNames: readonly string[]): void {
  const n = classNames.length;
  if (n === 0 || new Set(classNames).size !== n) {
    throw new CifarError(
      `Expected different class names for a confusion matrix, got [${classNames.join(', ')}].`,
    );
  }
  const odd = rows.find((row) => row.length !== n);
  if (rows.length !== n || odd !== undefined) {
    throw new CifarError(
      `Expected a confusion matrix of ${n}×${n} counts, one row and column a class name, got ${rows.length} rows` +
        (odd === undefined ? '.' : ` and one of ${odd.length} counts.`),
    );
  }
  const wrong = rows.flat().find((count) => !Number.isInteger(count) || count < 0);
  if (wrong !== undefined) {
    throw new CifarError(`Expected whole numbers of images in a confusion matrix, got ${wrong}.`);
  }
}
