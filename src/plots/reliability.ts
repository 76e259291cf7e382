import { CifarError } from '../util/errors.js';
import type { Panel } from './curvePanel.js';
import { renderChart } from './render.js';
import { chartTitle, INK, PALETTE } from './theme.js';
import type { Picture } from './types.js';

const SIDE = 380;
const COUNTS_HEIGHT = 90;
/** The accuracy of fewer images says next to nothing: of ten, its standard deviation is up to 16 points. */
const FEW_IMAGES = 10;

/** The predictions whose confidence (greatest probability) falls into one interval. */
export interface CalibrationBin {
  /** Mean confidence, 0…1; not looked at if the bin is empty. */
  confidence: number;
  /** Share of right answers, 0…1; not looked at if the bin is empty. */
  accuracy: number;
  /** Number of images. */
  count: number;
}

/**
 * A reliability diagram: the accuracy of each bin over its mean confidence, its distance from the diagonal, on which a
 * perfectly calibrated model lies, and below it the share of all images in each bin. Bins of a few images are faint.
 * Source: Guo et al., "On Calibration of Modern Neural Networks", 2017.
 * @throws CifarError if no bin holds an image or a value is outside 0…1
 */
export async function reliabilityChart(
  bins: readonly CalibrationBin[],
  title = 'Calibration',
): Promise<Picture> {
  const filled = bins.filter((bin) => bin.count > 0);
  if (filled.length === 0) {
    throw new CifarError(`Expected at least one image to draw "${title}", got ${bins.length} empty bins.`);
  }
  for (const { confidence, accuracy, count } of filled) {
    if (!isShare(confidence) || !isShare(accuracy) || !Number.isInteger(count)) {
      throw new CifarError(
        'Expected a calibration bin with a confidence and an accuracy between 0 and 1 and a whole number of images, ' +
          `got ${confidence}, ${accuracy} and ${count}.`,
      );
    }
  }
  const total = filled.reduce((sum, bin) => sum + bin.count, 0);
  const rows = filled.map((bin) => ({ ...bin, share: bin.count / total, isFew: bin.count < FEW_IMAGES }));
  const error = rows.reduce((sum, bin) => sum + bin.share * Math.abs(bin.accuracy - bin.confidence), 0);
  return await renderChart({
    title: chartTitle(
      title,
      SIDE,
      `expected calibration error ${(100 * error).toFixed(2)} % over ${total} images`,
    ),
    spacing: 14,
    vconcat: [diagram(rows), shares(rows)],
    resolve: { scale: { color: 'independent' } },
  });
}

type Row = CalibrationBin & { share: number; isFew: boolean };

const isShare = (value: number): boolean => value >= 0 && value <= 1;

// Bars would widen the range by half a bar without the padding.
const UNIT_SCALE = { domain: [0, 1], nice: false, padding: 0 };
const PERCENT_AXIS = { format: '.0%', tickCount: 5 } as const;

function diagram(rows: Row[]): Panel {
  const names = ['measured', 'gap', 'perfect calibration'];
  const color = {
    type: 'nominal' as const,
    scale: { domain: names, range: [PALETTE[0], PALETTE[1], INK.faint] },
    legend: { title: null, orient: 'top' as const, symbolType: 'stroke', symbolOpacity: 1 },
  };
  const certain = rows.filter(({ isFew }) => !isFew);
  const ends = [0, 1].map((value) => ({ confidence: value, accuracy: value }));
  return {
    width: SIDE,
    height: SIDE,
    encoding: {
      x: {
        field: 'confidence',
        type: 'quantitative',
        scale: UNIT_SCALE,
        axis: { ...PERCENT_AXIS, title: null },
      },
      y: {
        field: 'accuracy',
        type: 'quantitative',
        title: 'accuracy',
        scale: UNIT_SCALE,
        axis: PERCENT_AXIS,
      },
    },
    layer: [
      {
        data: { values: ends },
        mark: { type: 'line', strokeDash: [5, 4] },
        encoding: { color: { datum: names[2], ...color } },
      },
      {
        data: { values: rows.filter(({ isFew }) => isFew) },
        mark: { type: 'circle', size: 30, opacity: 0.25, color: INK.faint },
      },
      {
        data: { values: certain },
        mark: { type: 'rule', strokeWidth: 5, opacity: 0.55 },
        encoding: { y2: { field: 'confidence' }, color: { datum: names[1], ...color } },
      },
      {
        data: { values: certain },
        mark: { type: 'line', strokeWidth: 1.8, point: { size: 34, filled: true } },
        encoding: { color: { datum: names[0], ...color } },
      },
    ],
  };
}

function shares(rows: Row[]): Panel {
  return {
    width: SIDE,
    height: COUNTS_HEIGHT,
    data: { values: rows },
    mark: { type: 'bar', size: 12, color: PALETTE[0], clip: true },
    encoding: {
      x: {
        field: 'confidence',
        type: 'quantitative',
        title: 'confidence',
        scale: UNIT_SCALE,
        axis: PERCENT_AXIS,
      },
      y: {
        field: 'share',
        type: 'quantitative',
        title: 'images',
        axis: { format: '.0%', tickCount: 3 },
      },
    },
  };
}
