import { useState } from 'preact/hooks';
import type { ReadableRun, RunSummary } from '../../report/types';
import { formatDuration } from '../../util/duration';
import { percent } from '../../util/percent';
import { linkTo } from '../lib/route';
import { useSite } from '../lib/site';

/** Rows at first: more are there for the asking. */
const ROWS = 200;

/** All runs, and which of them to compare. */
export function RunsView() {
  const site = useSite();
  const [filter, setFilter] = useState('');
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [isLong, setLong] = useState(false);
  const { runs } = site;
  if (runs === undefined) return <p aria-busy="true">Loading…</p>;
  const wanted = filter.toLowerCase();
  const found = runs.filter((run) => textOf(run).includes(wanted));
  const shown = isLong ? found : found.slice(0, ROWS);
  const toggle = (name: string): void =>
    setChosen(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]);
  return (
    <>
      <h1>Runs</h1>
      <div class="toolbar">
        <input
          type="search"
          aria-label="Filter the runs"
          placeholder="Filter by name, network, status…"
          value={filter}
          onInput={(event) => setFilter(event.currentTarget.value)}
        />
        <button disabled={chosen.length < 2} onClick={() => (location.hash = linkTo('compare', ...chosen))}>
          Compare {chosen.length > 1 ? chosen.length : ''}
        </button>
      </div>
      {runs.length === 0 && (
        <p>
          No runs yet. In a terminal:{' '}
          <code>npx cifar train --recipe fast94 --limit-train 10000 --limit-test 2000 --epochs 3</code>; it
          appears here as soon as it begins.
        </p>
      )}
      <div class="scroll" tabIndex={0} role="group" aria-label="The runs">
        <table class="runs">
          <thead>
            <tr>
              <th scope="col">
                <span class="hidden">to compare</span>
              </th>
              <th scope="col">run</th>
              <th scope="col">status</th>
              <th scope="col" class="number">
                accuracy
              </th>
              <th scope="col" class="number">
                with views
              </th>
              <th scope="col">trained</th>
              <th scope="col">network</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((run) => (
              <tr key={run.name}>
                <td>
                  {!('problem' in run) && (
                    <input
                      type="checkbox"
                      aria-label={`compare ${run.name}`}
                      checked={chosen.includes(run.name)}
                      onChange={() => toggle(run.name)}
                    />
                  )}
                </td>
                <RunCells run={run} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < found.length && (
        <button class="secondary" onClick={() => setLong(true)}>
          Show all {found.length}
        </button>
      )}
    </>
  );
}

function RunCells({ run }: { run: RunSummary }) {
  if ('problem' in run) {
    return (
      <>
        <th scope="row">{run.name}</th>
        <td colSpan={5} class="problem">
          {run.problem}
        </td>
      </>
    );
  }
  return (
    <>
      <th scope="row">
        <a href={linkTo('run', run.name)}>{run.name}</a>
      </th>
      <td>
        <Status run={run} />
      </td>
      <td class="number">{run.accuracy === undefined ? '–' : percent(run.accuracy)}</td>
      <td class="number">{run.tta === undefined ? '–' : percent(run.tta.accuracy)}</td>
      <td>{formatDuration(run.trainingSeconds)}</td>
      <td>{run.title}</td>
    </>
  );
}

/** How far a run is. */
export function Status({ run }: { run: ReadableRun }) {
  const epochs = `${Number(run.epochsTrained.toFixed(2))} of ${run.epochs} epochs`;
  if (run.status !== 'running')
    return (
      <span class={`status ${run.status}`}>
        {run.status}
        {run.epochsTrained < run.epochs ? `, ${epochs}` : ''}
      </span>
    );
  return (
    <span class="status running">
      <progress max={run.epochs} value={run.epochsTrained} aria-label={`${run.name}: ${epochs}`} />
      {epochs}
      {run.secondsLeft !== undefined && `, ${formatDuration(run.secondsLeft)} left`}
    </span>
  );
}

const textOf = (run: RunSummary): string =>
  ('problem' in run ? `${run.name} ${run.problem}` : `${run.name} ${run.title} ${run.status}`).toLowerCase();
