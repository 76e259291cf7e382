import { CifarError } from '../util/errors.js';
import { renderChart } from './render.js';
import { chartTitle, INK, PALETTE } from './theme.js';
import type { Picture } from './types.js';

const WIDTH = 520;
const HEIGHT = 300;
/** Above this number of points a line shows well without a dot on each. */
const MOST_DOTS = 60;

export interface AccuracyByCount {
  title: string;
  /** What is counted along the horizontal axis, e.g. "members of the ensemble". */
  countTitle: string;
  /** `accuracies[i]` is the accuracy with i + 1 of them, 0…1. */
  accuracies: readonly number[];
  /** An accuracy to compare with, drawn as a dashed line with its name, e.g. that of a single member. */
  reference?: { label: string; accuracy: number };
}

/**
 * How the accuracy grows with the number of things averaged: members of an ensemble, passes of test-time augmentation.
 * @throws CifarError if there are no accuracies or one is not in 0…1
 */
export async function accuracyByCountChart(options: AccuracyByCount): Promise<Picture> {
  const { accuracies, reference } = options;
  const all = reference === undefined ? [...accuracies] : [...accuracies, reference.accuracy];
  const wrong = all.find((accuracy) => !(accuracy >= 0 && accuracy <= 1));
  if (accuracies.length === 0 || wrong !== undefined) {
    throw new CifarError(
      `Expected accuracies between 0 and 1 to draw "${options.title}", got ` +
        (wrong === undefined ? 'none.' : `${wrong}; check the predictions they come from.`),
    );
  }
  const low = Math.min(...all);
  const high = Math.max(...all);
  // Never a range so narrow that a few images look like a leap.
  const margin = Math.max(0.1 * (high - low), 0.005);
  const lastCount = Math.max(2, accuracies.length);
  const values = accuracies.map((accuracy, i) => ({ name: 'averaged', count: i + 1, accuracy }));
  const level =
    reference === undefined
      ? []
      : [1, lastCount].map((count) => ({ name: reference.label, count, accuracy: reference.accuracy }));
  const names = reference === undefined ? ['averaged'] : ['averaged', reference.label];
  const dots = accuracies.length <= MOST_DOTS ? values : values.slice(-1);
  return await renderChart({
    title: chartTitle(options.title, WIDTH, finalWords(options)),
    width: WIDTH,
    height: HEIGHT,
    encoding: {
      x: {
        field: 'count',
        type: 'quantitative',
        title: options.countTitle,
        scale: { domain: [1, lastCount], nice: false },
        axis: { format: 'd', tickMinStep: 1 },
      },
      y: {
        field: 'accuracy',
        type: 'quantitative',
        title: 'accuracy',
        scale: { domain: [Math.max(0, low - margin), Math.min(1, high + margin)], nice: true },
        axis: { format: '~%', tickCount: 7 },
      },
      color: {
        field: 'name',
        type: 'nominal',
        scale: { domain: names, range: [PALETTE[0], INK.faint].slice(0, names.length) },
        legend: reference === undefined ? null : { title: null, orient: 'bottom', symbolType: 'stroke' },
      },
    },
    layer: [
      { data: { values: level }, mark: { type: 'line', strokeDash: [5, 4] } },
      { data: { values }, mark: { type: 'line', strokeWidth: 1.8 } },
      { data: { values: dots }, mark: { type: 'circle', size: 30, opacity: 1 } },
    ],
  });
}

function finalWords({ accuracies, reference }: AccuracyByCount): string {
  const percent = (accuracy: number): string => `${(100 * accuracy).toFixed(2)} %`;
  const final = `${percent(accuracies[accuracies.length - 1])} with ${accuracies.length}`;
  return reference === undefined ? final : `${final}; ${reference.label} ${percent(reference.accuracy)}`;
}
