import { useMemo, useState } from 'preact/hooks';
import type { Part } from '../../report/types';
import { grouped } from '../../util/grouped';
import { answersOf } from '../lib/answers';
import { useSite } from '../lib/site';
import { useAsync } from '../lib/useAsync';
import { DataPicture } from '../parts/DataPicture';
import { Waiting } from '../parts/Waiting';

/** Images on a page. */
const SHOWN = 100;

/** The data set: by class, by what a run answers, by number. */
export function GalleryView() {
  const site = useSite();
  const { source } = site;
  const { dataset, images } = source.site;
  const [part, setPart] = useState<Part>('test');
  const [label, setLabel] = useState(-1);
  const [run, setRun] = useState('');
  const [answer, setAnswer] = useState(-1);
  const [first, setFirst] = useState(0);
  const [number, setNumber] = useState('');
  const labels = useAsync(() => source.labels(part), [source, part]);
  const measured = useAsync(async () => (run === '' ? undefined : source.measures(run)), [source, run]);
  const answers = useMemo(
    () => (measured.state === 'done' && measured.value !== undefined ? answersOf(measured.value) : undefined),
    [measured],
  );
  if (images.test === 0)
    return (
      <p>
        The data set is not here. In a terminal: <code>npx cifar download</code>
      </p>
    );
  const wanted = /^\d+$/.test(number) ? Number(number) : undefined;
  const restart =
    <T,>(set: (value: T) => void) =>
    (value: T): void => {
      set(value);
      setFirst(0);
    };
  return (
    <>
      <h1>{dataset.name}</h1>
      <p>
        {grouped(images.test)} test images, {grouped(images.train)} training images
        {source.site.kind === 'folder' ? ', those that came with this page' : ''}.
      </p>
      <div class="toolbar">
        <label>
          Part
          <select value={part} onChange={(event) => restart(setPart)(event.currentTarget.value as Part)}>
            <option value="test">test images</option>
            <option value="train">training images</option>
          </select>
        </label>
        <label>
          Class
          <select value={label} onChange={(event) => restart(setLabel)(Number(event.currentTarget.value))}>
            <option value={-1}>all</option>
            {dataset.classes.map((name, c) => (
              <option value={c}>{name}</option>
            ))}
          </select>
        </label>
        {part === 'test' && (
          <>
            <label>
              Answers of
              <select value={run} onChange={(event) => restart(setRun)(event.currentTarget.value)}>
                <option value="">no run</option>
                {(site.runs ?? []).flatMap((one) =>
                  'problem' in one || one.model === undefined
                    ? []
                    : [<option value={one.name}>{one.name}</option>],
                )}
              </select>
            </label>
            {answers !== undefined && (
              <label>
                Answered
                <select
                  value={answer}
                  onChange={(event) => restart(setAnswer)(Number(event.currentTarget.value))}
                >
                  <option value={-1}>anything</option>
                  {dataset.classes.map((name, c) => (
                    <option value={c}>{name}</option>
                  ))}
                </select>
              </label>
            )}
          </>
        )}
        <label>
          Number
          <input
            type="search"
            inputMode="numeric"
            placeholder="such as 412"
            value={number}
            onInput={(event) => restart(setNumber)(event.currentTarget.value)}
          />
        </label>
      </div>
      {run !== '' && measured.state === 'done' && measured.value === undefined && (
        <p>
          This run has not been measured yet: open its{' '}
          <a href={`#/run/${encodeURIComponent(run)}/mistakes`}>mistakes</a> first.
        </p>
      )}
      <Waiting on={labels}>
        {(all) => {
          const found = Array.from(all, (_, image) => image).filter(
            (image) =>
              (wanted === undefined || image === wanted) &&
              (label < 0 || all[image] === label) &&
              (answers === undefined || part !== 'test' || answer < 0 || answers[image]?.answer === answer),
          );
          const shown = found.slice(first, first + SHOWN);
          return (
            <>
              <p aria-live="polite">
                {grouped(found.length)} images
                {found.length > SHOWN &&
                  `, ${grouped(first + 1)} to ${grouped(first + shown.length)} of them here`}
              </p>
              <ul class="cards small">
                {shown.map((image) => (
                  <li key={image} class="card">
                    <DataPicture
                      part={part}
                      number={image}
                      label={`${part} image ${image}, ${dataset.classes[all[image]]}`}
                    />
                    <span class="caption">
                      {grouped(image)} {dataset.classes[all[image]]}
                      {answers !== undefined && part === 'test' && answers[image].answer !== all[image] && (
                        <span class="bad"> {dataset.classes[answers[image].answer]}</span>
                      )}
                    </span>
                  </li>
                ))}
              </ul>
              <div class="toolbar">
                <button
                  class="secondary"
                  disabled={first === 0}
                  onClick={() => setFirst(Math.max(0, first - SHOWN))}
                >
                  Before
                </button>
                <button
                  class="secondary"
                  disabled={first + SHOWN >= found.length}
                  onClick={() => setFirst(first + SHOWN)}
                >
                  After
                </button>
              </div>
            </>
          );
        }}
      </Waiting>
    </>
  );
}
