import { useMemo, useState } from 'preact/hooks';
import type { Measures } from '../../report/types';
import { grouped } from '../../util/grouped';
import { percent } from '../../util/percent';
import { type ImageAnswer, answersOf, leastSureRight, ofCell, surestMistakes } from '../lib/answers';
import { useSite } from '../lib/site';
import { useAsync } from '../lib/useAsync';
import { DataPicture } from '../parts/DataPicture';
import { Measured } from '../parts/Measured';
import { Probabilities } from '../parts/Probabilities';

/** Images shown at once. */
const SHOWN = 24;

/** What a run gets wrong. */
export function MistakesView({ run }: { run: string }) {
  return <Measured run={run}>{(measures) => <Mistakes measures={measures} />}</Measured>;
}

export function Mistakes({ measures }: { measures: Measures }) {
  const { classes } = useSite().source.site.dataset;
  const answers = useMemo(() => answersOf(measures), [measures]);
  const [cell, setCell] = useState<{ label: number; answer: number }>();
  const mistakes = useMemo(() => surestMistakes(answers), [answers]);
  const unsure = useMemo(() => leastSureRight(answers), [answers]);
  const { accuracy } = measures.evaluation;
  return (
    <>
      <p>
        {grouped(mistakes.length)} of {grouped(answers.length)} test images are answered wrongly:{' '}
        {percent(accuracy)} are right
        {measures.withoutDuplicates !== undefined &&
          `, ${percent(measures.withoutDuplicates.accuracy)} of those without a near-duplicate among the training images`}
        .
      </p>
      <h2>What is taken for what</h2>
      <p>A row for each class, a column for each answer; a cell opens its pictures.</p>
      <Confusion confusion={measures.evaluation.confusion} chosen={cell} choose={setCell} />
      {cell !== undefined && (
        <section aria-live="polite">
          <h3>
            {classes[cell.label]}
            {cell.label === cell.answer ? ', rightly answered' : ` taken for ${classes[cell.answer]}`}
          </h3>
          <Answers answers={ofCell(answers, cell.label, cell.answer)} />
        </section>
      )}
      <h2>The surest mistakes, or wrong labels</h2>
      <Answers answers={mistakes} />
      <h2>Right, and least sure</h2>
      <Answers answers={unsure} />
    </>
  );
}

interface ConfusionProps {
  confusion: readonly (readonly number[])[];
  chosen: { label: number; answer: number } | undefined;
  choose: (cell: { label: number; answer: number }) => void;
}

/** Counts by class and answer; a cell with pictures is a button. */
function Confusion({ confusion, chosen, choose }: ConfusionProps) {
  const { classes } = useSite().source.site.dataset;
  const most = Math.max(1, ...confusion.flatMap((row, label) => row.filter((_, answer) => answer !== label)));
  const shade = (label: number, answer: number, count: number): string =>
    label === answer ? 'right' : `wrong-${count === 0 ? 0 : Math.max(1, Math.ceil((4 * count) / most))}`;
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label="Confusion matrix">
      <table class="confusion">
        <thead>
          <tr>
            <th scope="col">is ↓ taken for →</th>
            {classes.map((name) => (
              <th scope="col">
                <span>{name}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {confusion.map((row, label) => (
            <tr>
              <th scope="row">{classes[label]}</th>
              {row.map((count, answer) => (
                <td class={shade(label, answer, count)}>
                  {count === 0 ? (
                    <span aria-label="none">·</span>
                  ) : (
                    <button
                      aria-label={`${count} of ${classes[label]} taken for ${classes[answer]}`}
                      aria-pressed={chosen?.label === label && chosen.answer === answer}
                      onClick={() => choose({ label, answer })}
                    >
                      {count}
                    </button>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Images with what was answered, the first of them; one that is chosen shows what it is most like. */
function Answers({ answers }: { answers: readonly ImageAnswer[] }) {
  const { source } = useSite();
  const [count, setCount] = useState(SHOWN);
  const shown = answers.slice(0, count);
  const here = useAsync(
    () =>
      source.images(
        'test',
        shown.map(({ image }) => image),
      ),
    [source, answers, count],
  );
  if (answers.length === 0) return <p>None.</p>;
  // A report carries some of the images only.
  const visible = here.state === 'done' ? shown.filter((_, i) => here.value[i] !== undefined) : shown;
  return (
    <>
      <ul class="cards">
        {visible.map((one) => (
          <AnswerCard key={one.image} one={one} />
        ))}
      </ul>
      {visible.length < shown.length && (
        <p class="note">{grouped(shown.length - visible.length)} more are not a part of this page.</p>
      )}
      {count < answers.length && visible.length === shown.length && (
        <button class="secondary" onClick={() => setCount(count + 2 * SHOWN)}>
          Show more ({grouped(answers.length - count)})
        </button>
      )}
    </>
  );
}

function AnswerCard({ one }: { one: ImageAnswer }) {
  const { classes } = useSite().source.site.dataset;
  const [isOpen, setOpen] = useState(false);
  const isRight = one.answer === one.label;
  return (
    <li class={isOpen ? 'card open' : 'card'}>
      <button class="plain" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <DataPicture part="test" number={one.image} label="" />
        <span class="caption">
          <span class="hidden">test image {one.image}: </span>
          <span class={isRight ? 'good' : 'bad'}>{classes[one.answer]}</span> {percent(one.confidence, 0)}
          {!isRight && <span class="truth">labelled {classes[one.label]}</span>}
        </span>
      </button>
      {isOpen && (
        <div class="more">
          <p>Test image {grouped(one.image)}</p>
          <Probabilities classes={classes} probabilities={one.probabilities} label={one.label} top={4} />
          <Neighbours image={one.image} />
        </div>
      )}
    </li>
  );
}

/** The training images that are most like a test image, by the features of the network that comes with the program. */
function Neighbours({ image }: { image: number }) {
  const { source } = useSite();
  const loaded = useAsync(
    async () => ({
      near: await source.neighbours(image),
      labels: await source.labels('train'),
      pairs: (await source.nearDuplicates()).pairs.filter(({ test }) => test === image),
    }),
    [source, image],
  );
  if (loaded.state !== 'done' || loaded.value.near.length === 0) return null;
  const { near, labels, pairs } = loaded.value;
  const { classes } = source.site.dataset;
  const nameOf = (train: number): string => classes[labels[train]] ?? '';
  return (
    <>
      <p>
        Most like it among the training images{pairs.length > 0 ? '; the marked ones show the same' : ''}:
      </p>
      <ul class="neighbours">
        {near.map((train) => (
          <li key={train} class={pairs.some((pair) => pair.train === train) ? 'same' : undefined}>
            <DataPicture part="train" number={train} label={`training image ${train}`} />
            <span>{nameOf(train)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
