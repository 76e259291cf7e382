import { CifarError } from '../util/errors.js';
import { curvePanel, pointsOf, valueRange, type Metric, type Panel, type Phase } from './curvePanel.js';
import { shorten, textWidth } from './font.js';
import { renderChart } from './render.js';
import { chartTitle, FONT_SIZE, PALETTE } from './theme.js';
import { passesOf, type EpochRecord, type Picture, type RunHistory } from './types.js';

const PANEL_WIDTH = 400;
const PANEL_HEIGHT = 260;
/** Two panels with the axis between them. */
const CHART_WIDTH = 2 * PANEL_WIDTH + 70;
/** Symbol, its gap, and the gap to the next entry. */
const LEGEND_ENTRY_EXTRA = 36;

const RATE_HEIGHT = 90;

const METRICS = ['loss', 'accuracy'] as const satisfies readonly Metric[];
const TITLES: Readonly<Record<Metric, string>> = {
  loss: 'Loss',
  accuracy: 'Accuracy',
  rate: 'Learning rate',
};
const PHASES: readonly Phase[] = ['train', 'validation'];

/**
 * Loss and accuracy of one run by epoch, on the training and on the validation images, and the learning rate where it
 * changes.
 * @param history one record an epoch, at least one
 * @param measuredOn which images the validation was made on, in a word
 * @throws CifarError if the history is empty
 */
export async function curvesChart(
  history: readonly EpochRecord[],
  title: string,
  measuredOn = 'validation',
): Promise<Picture> {
  checkHistory(title, history);
  const names = ['train', measuredOn];
  const panel = (metric: Metric): Panel => {
    const phases = metric === 'rate' ? PHASES.slice(0, 1) : PHASES;
    const series = phases.map((phase, i) => ({ name: names[i], points: pointsOf(history, metric, phase) }));
    return curvePanel({
      title: TITLES[metric],
      metric,
      series,
      range: valueRange(series),
      names,
      colors: PALETTE,
      legendColumns: 2,
      lastEpochs: epochsTrained(history),
      width: PANEL_WIDTH,
      height: metric === 'rate' ? RATE_HEIGHT : PANEL_HEIGHT,
    });
  };
  const isRateMoving = history.some(({ learningRate }) => learningRate !== history[0].learningRate);
  const metrics: readonly Metric[] = isRateMoving ? [...METRICS, 'rate'] : METRICS;
  return await renderChart({
    title: chartTitle(title, CHART_WIDTH, summary(history, measuredOn)),
    concat: metrics.map(panel),
    columns: METRICS.length,
    resolve: { scale: { color: 'shared', strokeDash: 'shared' } },
  });
}

/**
 * Several runs beside each other: training at the left, validation at the right, loss above, accuracy below, one colour
 * a run. The panels of a row have one vertical scale, so that the two sides can be compared.
 * @param runs 1…12 runs, of any lengths
 * @throws CifarError if there are none or too many, or if one has no epochs
 */
export async function comparisonChart(
  runs: readonly RunHistory[],
  title = 'Comparison of runs',
): Promise<Picture> {
  if (runs.length === 0 || runs.length > PALETTE.length) {
    throw new CifarError(
      `Expected 1 to ${PALETTE.length} runs to compare (each gets its own colour), got ${runs.length}; ` +
        (runs.length === 0 ? 'name at least one run.' : 'compare fewer at a time.'),
    );
  }
  for (const run of runs) checkHistory(run.name, run.history);
  const names = legendNames(runs.map(({ name, history }) => ({ name, suffix: lastAccuracy(history) })));
  const [first] = runs;
  const measuredOn = runs.every((run) => run.measuredOn === first.measuredOn) ? first.measuredOn : undefined;
  const columns = legendColumns(names);
  const lastEpochs = Math.max(...runs.map((run) => epochsTrained(run.history)));
  const row = (metric: Metric): Panel[] => {
    const sides = PHASES.map((phase) => ({
      phase,
      series: runs.map((run, i) => ({ name: names[i], points: pointsOf(run.history, metric, phase) })),
    }));
    const range = valueRange(sides.flatMap(({ series }) => series));
    return sides.map(({ phase, series }) =>
      curvePanel({
        title: `${TITLES[metric]}, ${phase === 'train' ? phase : (measuredOn ?? phase)}`,
        metric,
        series,
        range,
        names,
        colors: PALETTE,
        legendColumns: columns,
        lastEpochs,
        width: PANEL_WIDTH,
        height: PANEL_HEIGHT,
      }),
    );
  };
  return await renderChart({
    title: chartTitle(title, CHART_WIDTH),
    concat: METRICS.flatMap(row),
    columns: PHASES.length,
    resolve: { scale: { color: 'shared', strokeDash: 'shared' } },
  });
}

function checkHistory(name: string, history: readonly EpochRecord[]): void {
  if (history.length > 0) return;
  throw new CifarError(
    `Expected at least one finished epoch to draw, but "${name}" has none; train it for an epoch or more first.`,
  );
}

function epochsTrained(history: readonly EpochRecord[]): number {
  return Math.max(...history.map(passesOf));
}

interface Measured {
  passes: number;
  accuracy: number;
}

/** The epochs that were validated, in their order. */
function measured(history: readonly EpochRecord[]): Measured[] {
  return history
    .flatMap((record) => {
      const { validationAccuracy: accuracy } = record;
      return accuracy !== null && Number.isFinite(accuracy) ? [{ passes: passesOf(record), accuracy }] : [];
    })
    .sort((a, b) => a.passes - b.passes);
}

const percent = (accuracy: number): string => `${(100 * accuracy).toFixed(2)} %`;

/** What stands behind a run's name in the legend. */
function lastAccuracy(history: readonly EpochRecord[]): string {
  const last = measured(history).at(-1);
  return last === undefined ? '' : `  ${percent(last.accuracy)}`;
}

/** The last and the best validation accuracy in words; empty if none was measured. */
function summary(history: readonly EpochRecord[], measuredOn: string): string {
  const all = measured(history);
  const last = all.at(-1);
  if (last === undefined) return '';
  const best = all.reduce((a, b) => (b.accuracy > a.accuracy ? b : a));
  const words = ({ passes, accuracy }: Measured): string =>
    `${percent(accuracy)} after ${Number(passes.toFixed(2))} ${passes === 1 ? 'epoch' : 'epochs'}`;
  return `${measuredOn} accuracy: last ${words(last)}, best ${words(best)}`;
}

/** Names as the legend shows them: short enough for the chart, and different even where two runs bear one name. */
function legendNames(entries: { name: string; suffix: string }[]): string[] {
  const taken = new Set<string>();
  return entries.map(({ name, suffix: figure }) => {
    let candidate = '';
    for (let copy = 1; candidate === '' || taken.has(candidate); copy++) {
      const suffix = copy === 1 ? '' : ` (${copy})`;
      const room = CHART_WIDTH - LEGEND_ENTRY_EXTRA - textWidth(suffix + figure, FONT_SIZE.label);
      candidate = shorten(name, room, FONT_SIZE.label) + suffix;
    }
    taken.add(candidate);
    return candidate + figure;
  });
}

/** How many legend entries fit side by side. */
function legendColumns(names: string[]): number {
  const widest = Math.max(...names.map((name) => textWidth(name, FONT_SIZE.label)));
  return Math.max(1, Math.min(names.length, Math.floor(CHART_WIDTH / (widest + LEGEND_ENTRY_EXTRA))));
}
