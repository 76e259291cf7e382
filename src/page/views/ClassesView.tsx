import type { Measures } from '../../report/types';
import type { Calibration } from '../../evaluation/calibration';
import { grouped } from '../../util/grouped';
import { percent } from '../../util/percent';
import { Chart } from '../parts/Chart';
import { Measured } from '../parts/Measured';

/** Each class, how sure the answers are, and averages of several looks. */
export function ClassesView({ run }: { run: string }) {
  return <Measured run={run}>{(measures) => <Classes measures={measures} />}</Measured>;
}

export function Classes({ measures }: { measures: Measures }) {
  const { evaluation, withoutDuplicates, averages, weights, backend } = measures;
  return (
    <>
      <dl class="figures">
        <div>
          <dt>accuracy, {grouped(evaluation.images)} test images</dt>
          <dd class="large">{percent(evaluation.accuracy)}</dd>
        </div>
        {withoutDuplicates !== undefined && (
          <div>
            <dt>
              on the {grouped(withoutDuplicates.images)} of them without a near-duplicate among the training
              images
            </dt>
            <dd class="large">{percent(withoutDuplicates.accuracy)}</dd>
          </div>
        )}
        <div>
          <dt>loss</dt>
          <dd>{evaluation.loss.toFixed(4)}</dd>
        </div>
      </dl>
      <p>
        One look at each image by its {weights} model, computed by {backend}.
      </p>
      <h2>Classes</h2>
      <div class="scroll" tabIndex={0} role="group" aria-label="Classes">
        <table>
          <thead>
            <tr>
              <th scope="col">class</th>
              <th scope="col" class="number">
                precision
              </th>
              <th scope="col" class="number">
                recall
              </th>
              <th scope="col" class="number">
                F1
              </th>
              <th scope="col" class="number">
                images
              </th>
            </tr>
          </thead>
          <tbody>
            {evaluation.classes.map(({ name, precision, recall, f1, support }) => (
              <tr>
                <th scope="row">{name}</th>
                <td class="number">{rate(precision)}</td>
                <td class="number">{rate(recall)}</td>
                <td class="number">{rate(f1)}</td>
                <td class="number">{grouped(support)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="note">
        Precision: of those called so, the share that is. Recall: of those that are, the share called so. F1:
        their harmonic mean.
      </p>
      <Certainty before={evaluation.calibration} after={evaluation.calibrated} />
      {averages.length > 0 && <Averages averages={averages} />}
    </>
  );
}

// JSON has no NaN: a class that was never answered has no precision.
const rate = (share: number | null): string => (share === null ? '–' : percent(share, 1));

function Certainty({ before, after }: { before: Calibration; after: Measures['evaluation']['calibrated'] }) {
  const bins = before.bins.map((_, i) => (i + 0.5) / before.bins.length);
  const accuracies = ({ bins: all }: Calibration): (number | null)[] =>
    all.map(({ count, accuracy }) => (count > 0 ? accuracy : null));
  const isFitted = after.from !== 'nothing';
  return (
    <>
      <h2>How sure, and how often right</h2>
      <p>
        Expected calibration error {percent(before.expectedError)} as it was trained
        {isFitted
          ? `, ${percent(after.expectedError)} at the temperature ${after.temperature.toFixed(3)} (fitted on ${after.from === 'recipe' ? 'held-out images of other trainings by this recipe' : after.from})`
          : '; no temperature has been fitted for it'}
        .
      </p>
      <Chart
        title="Share that is right, by the probability of the answer"
        xLabel="probability of the answer"
        x={bins}
        lines={[
          { label: 'as trained', values: accuracies(before), colour: 1, isBars: true },
          ...(isFitted
            ? [{ label: 'calibrated', values: accuracies(after), colour: 0, isPoints: true }]
            : []),
          { label: 'as sure as right', values: bins, colour: 7, isDashed: true },
        ]}
        format={(value) => percent(value, 0)}
        range={[0, 1]}
        xRange={[0, 1]}
      />
    </>
  );
}

function Averages({ averages }: Pick<Measures, 'averages'>) {
  return (
    <>
      <h2>Several looks averaged</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">array</th>
            <th scope="col" class="number">
              passes an image
            </th>
            <th scope="col" class="number">
              one look
            </th>
            <th scope="col" class="number">
              averaged
            </th>
          </tr>
        </thead>
        <tbody>
          {averages.map(({ name, passes, accuracy, plainAccuracy }) => (
            <tr>
              <th scope="row">{name}</th>
              <td class="number">{Number(passes.toFixed(2))}</td>
              <td class="number">{percent(plainAccuracy)}</td>
              <td class="number">{percent(accuracy)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {averages.map(({ name, byPasses }) =>
        byPasses === undefined ? null : (
          <Chart
            key={name}
            title={`${name}: accuracy by passes averaged`}
            xLabel="passes"
            x={byPasses.map((_, i) => i + 1)}
            lines={[{ label: 'accuracy', values: byPasses, colour: 0 }]}
            format={(value) => percent(value)}
          />
        ),
      )}
    </>
  );
}
