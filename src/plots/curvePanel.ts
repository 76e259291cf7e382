import type { TopLevelSpec } from 'vega-lite';
import { FONT_SIZE } from './theme.js';
import { passesOf, type EpochRecord } from './types.js';

/** A chart that can stand in a row or column of others. */
export type Panel = Extract<TopLevelSpec, { concat: unknown }>['concat'][number];

/** What is drawn by epoch. */
export type Metric = 'loss' | 'accuracy' | 'rate';

/** Which images it was measured on. */
export type Phase = 'train' | 'validation';

/** One line of a panel. */
export interface CurveSeries {
  name: string;
  points: CurvePoint[];
}

/** A value after so many epochs; null where there is none, which leaves a gap. */
export interface CurvePoint {
  epochs: number;
  value: number | null;
}

/** Which field of the history a curve shows. */
const FIELDS = {
  rate: { train: 'learningRate', validation: 'learningRate' },
  loss: { train: 'trainLoss', validation: 'validationLoss' },
  accuracy: { train: 'trainAccuracy', validation: 'validationAccuracy' },
} as const satisfies Record<Metric, Record<Phase, keyof EpochRecord>>;

/** On an axis longer than this number of epochs a line shows well without a dot on each value. */
const MOST_DOTS = 40;

/** The values of one metric by epochs trained, in order, of the epochs that have one; what is not finite becomes a gap. */
export function pointsOf(history: readonly EpochRecord[], metric: Metric, phase: Phase): CurvePoint[] {
  return history
    .flatMap((record) => {
      const value = record[FIELDS[metric][phase]];
      if (value === null) return [];
      return [{ epochs: passesOf(record), value: Number.isFinite(value) ? value : null }];
    })
    .sort((a, b) => a.epochs - b.epochs);
}

/** The points that need a dot: all on a short axis, and on a long one those without a neighbour to draw a line to. */
function dotted(points: CurvePoint[], lastEpochs: number): CurvePoint[] {
  const present = (point: CurvePoint | undefined): boolean => point !== undefined && point.value !== null;
  return points.filter((point, i) => {
    if (!present(point)) return false;
    return lastEpochs <= MOST_DOTS || (!present(points[i - 1]) && !present(points[i + 1]));
  });
}

/** A line that rises to more than so many times what half of the lines stay below leaves the picture. */
const MOST_TIMES = 5;

/**
 * The range of a vertical axis that shows these lines. It is given to vega rather than left to it, since vega cannot
 * make one of lines that are all gaps, and a single run that diverged would press all others flat.
 */
export function valueRange(series: readonly CurveSeries[]): [number, number] {
  const valuesOf = ({ points }: CurveSeries): number[] =>
    points.flatMap(({ value }) => (value === null ? [] : [value]));
  const values = series.flatMap(valuesOf);
  if (values.length === 0) return [0, 1];
  const peaks = series
    .map(valuesOf)
    .filter((own) => own.length > 0)
    .map((own) => own.reduce((a, b) => Math.max(a, b)))
    .sort((a, b) => a - b);
  const usual = peaks[Math.floor((peaks.length - 1) / 2)];
  const low = values.reduce((a, b) => Math.min(a, b));
  const highest = peaks[peaks.length - 1];
  const high = usual > 0 && highest > MOST_TIMES * usual ? MOST_TIMES * usual : highest;
  const margin = high > low ? 0 : Math.max(0.01, 0.05 * Math.abs(high));
  return [low - margin, high + margin];
}

/**
 * A panel's heading is the title of its vertical axis, set level above it: a real heading moves with whatever sticks out
 * of the panel, so that those of a row would not line up.
 */
const TITLE_ABOVE = {
  titleAngle: 0,
  titleAlign: 'left',
  titleBaseline: 'alphabetic',
  titleX: 0,
  titleY: -12,
  titleFontSize: FONT_SIZE.panel,
  titleFontWeight: 'bold',
} as const;

const LEGEND = { title: null, orient: 'bottom', symbolType: 'stroke' } as const;

/** Strokes and gaps, pixels. */
const DASHES = [
  [1, 0],
  [7, 3],
  [2, 2],
  [10, 3, 2, 3],
  [4, 4],
  [12, 2],
] as const;

export interface CurvePanelOptions {
  title: string;
  metric: Metric;
  series: CurveSeries[];
  /** The names of all series in the order of the legend, and their colours. */
  names: string[];
  colors: readonly string[];
  /** Number of entries side by side in the legend. */
  legendColumns: number;
  /** The ends of the vertical axis, before they are rounded. */
  range: [number, number];
  /** The end of the horizontal axis. */
  lastEpochs: number;
  /** Pixels. */
  width: number;
  height: number;
}

/** A panel of lines by epochs trained: whole numbers below, the loss or the accuracy in per cent at the left. */
export function curvePanel(options: CurvePanelOptions): Panel {
  const rows = (select: (points: CurvePoint[]) => CurvePoint[]): object[] =>
    options.series.flatMap(({ name, points }) => select(points).map((point) => ({ name, ...point })));
  // Of a line that leaves the picture, what is above it is a gap. (Clipped paths make the rasteriser fail.)
  const shown = (points: CurvePoint[]): CurvePoint[] =>
    points.map((point) =>
      point.value !== null && point.value > options.range[1] ? { ...point, value: null } : point,
    );
  return {
    width: options.width,
    height: options.height,
    encoding: {
      x: {
        field: 'epochs',
        type: 'quantitative',
        title: 'epochs trained',
        // A single epoch stands in the middle rather than on the border.
        scale: { domain: [0, Math.max(2, options.lastEpochs)], nice: false },
        axis: { format: 'd', tickMinStep: 1 },
      },
      y: {
        field: 'value',
        type: 'quantitative',
        title: options.title,
        scale: { domain: options.range, nice: true },
        axis: {
          ...TITLE_ABOVE,
          ...(options.metric === 'accuracy' ? { format: '~%' } : {}),
          tickCount: options.height < 150 ? 3 : 7,
        },
      },
      color: {
        field: 'name',
        type: 'nominal',
        scale: { domain: options.names, range: options.colors.slice(0, options.names.length) },
        legend: { ...LEGEND, columns: options.legendColumns },
      },
      // For those who do not see the colours, and where lines lie on each other.
      strokeDash: {
        field: 'name',
        type: 'nominal',
        scale: { domain: options.names, range: options.names.map((_, i) => [...DASHES[i % DASHES.length]]) },
        legend: { ...LEGEND, columns: options.legendColumns },
      },
    },
    layer: [
      {
        data: { values: rows(shown) },
        mark: { type: 'line', strokeWidth: 1.8 },
      },
      {
        data: { values: rows((points) => dotted(shown(points), options.lastEpochs)) },
        mark: { type: 'circle', size: 26, opacity: 1 },
      },
    ],
  };
}
