import { percent } from '../../util/percent';
import { answersOf } from '../lib/answers';
import { useSite } from '../lib/site';
import { useAsync } from '../lib/useAsync';
import { Chart } from '../parts/Chart';

/** What runs come to when their answers are averaged, one after the other; of those that have been measured on the same images. */
export function Members({ names }: { names: readonly string[] }) {
  const { source } = useSite();
  const loaded = useAsync(() => Promise.all(names.map((name) => source.measures(name))), [source, ...names]);
  if (loaded.state !== 'done') return null;
  const measured = loaded.value.flatMap((one, i) =>
    one === undefined ? [] : [{ name: names[i], measures: one }],
  );
  const isAlike = measured.every(({ measures }) => measures.labels === measured[0].measures.labels);
  if (measured.length < 2 || !isAlike) return null;
  const answers = measured.map(({ measures }) => answersOf(measures, 1));
  const sums = answers[0].map(({ probabilities }) => new Float64Array(probabilities.length));
  const accuracies = answers.map((member) => {
    let right = 0;
    member.forEach(({ probabilities, label }, image) => {
      const sum = sums[image];
      for (let c = 0; c < sum.length; c++) sum[c] += probabilities[c];
      if (sum.indexOf(Math.max(...sum)) === label) right++;
    });
    return right / member.length;
  });
  const alone = measured.map(({ measures }) => measures.evaluation.accuracy);
  return (
    <>
      <h2>As an ensemble</h2>
      <p>
        The average of all {measured.length} answers, one look each, is right in{' '}
        <strong>{percent(accuracies[accuracies.length - 1])}</strong> of the test images; alone the runs are
        right in {alone.map((one) => percent(one)).join(', ')}.
      </p>
      <Chart
        title="Accuracy by members averaged"
        xLabel="members"
        x={accuracies.map((_, i) => i + 1)}
        lines={[
          { label: 'averaged so far', values: accuracies, colour: 0 },
          { label: 'alone', values: alone, colour: 1, isPoints: true },
        ]}
        format={(value) => percent(value)}
      />
    </>
  );
}
