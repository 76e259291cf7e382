import type { EpochRecord } from '../../plots/types';
import { passesOf } from '../../plots/types';
import { percent } from '../../util/percent';
import { Chart, type Line } from './Chart';

export interface CurvesOf {
  name: string;
  history: readonly EpochRecord[];
  /** What its validation was made on, in a word. */
  measuredOn: string;
}

type Figure = 'trainLoss' | 'validationLoss' | 'trainAccuracy' | 'validationAccuracy';

/** Accuracy and loss by epoch, of one run or several; of several the training lines are left out where they would hide the rest. */
export function Curves({ runs }: { runs: readonly CurvesOf[] }) {
  const isOne = runs.length === 1;
  const x = [...new Set(runs.flatMap(({ history }) => history.map(passesOf)))].sort((a, b) => a - b);
  const line = (run: CurvesOf, figure: Figure, colour: number): Line => {
    const byEpoch = new Map(run.history.map((epoch) => [passesOf(epoch), epoch[figure]]));
    const kind = figure.startsWith('train') ? 'training' : run.measuredOn;
    return {
      label: isOne ? kind : `${run.name}, ${kind}`,
      values: x.map((at) => finite(byEpoch.get(at))),
      colour,
      isDashed: figure.startsWith('train'),
    };
  };
  const linesOf = (train: Figure, validation: Figure): Line[] =>
    runs.flatMap((run, i) => [line(run, validation, i), line(run, train, isOne ? 1 : i)]);
  const rates = runs.map((run, i): Line => ({
    label: isOne ? 'learning rate' : run.name,
    values: x.map((at) => run.history.find((epoch) => passesOf(epoch) === at)?.learningRate ?? null),
    colour: i,
  }));
  const changes = rates.some(({ values }) => new Set(values.filter((value) => value !== null)).size > 1);
  return (
    <div class="charts">
      <Chart
        title="Accuracy"
        xLabel="epochs"
        x={x}
        lines={linesOf('trainAccuracy', 'validationAccuracy')}
        format={(value) => percent(value, 1)}
      />
      <Chart
        title="Loss (cross-entropy)"
        xLabel="epochs"
        x={x}
        lines={linesOf('trainLoss', 'validationLoss')}
        format={(value) => value.toFixed(3)}
      />
      {changes && (
        <Chart
          title="Learning rate"
          xLabel="epochs"
          x={x}
          lines={rates}
          format={(value) => String(Number(value.toPrecision(3)))}
        />
      )}
    </div>
  );
}

const finite = (value: number | null | undefined): number | null =>
  value === null || value === undefined || !Number.isFinite(value) ? null : value;
