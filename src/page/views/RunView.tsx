import type { RunDetail } from '../../report/types';
import { percent } from '../../util/percent';
import { grouped } from '../../util/grouped';
import { linkTo } from '../lib/route';
import { useSite } from '../lib/site';
import { useAsync } from '../lib/useAsync';
import { Curves } from '../parts/Curves';
import { Tabs } from '../parts/Tabs';
import { Waiting } from '../parts/Waiting';
import { ClassesView } from './ClassesView';
import { MistakesView } from './MistakesView';
import { Status } from './RunsView';

const TABS = [
  ['', 'Overview'],
  ['classes', 'Classes and calibration'],
  ['mistakes', 'Mistakes'],
] as const;

/** One run: how it was trained, what it answers, what it gets wrong. */
export function RunView({ name, tab = '' }: { name: string; tab?: string }) {
  const site = useSite();
  const loaded = useAsync(() => site.detail(name), [site, name]);
  return (
    <Waiting on={loaded}>
      {(first) => {
        const detail = site.followed(name) ?? first;
        return (
          <>
            <h1>{name}</h1>
            <Tabs
              label={`Views of ${name}`}
              links={[
                ...TABS.map(([part, text]) => ({
                  text,
                  href: part === '' ? linkTo('run', name) : linkTo('run', name, part),
                  isCurrent: tab === part,
                })),
                ...(site.source.modelUrl(detail.run) === undefined
                  ? []
                  : [{ text: 'Try a picture', href: linkTo('try', name), isCurrent: false }]),
              ]}
            />
            {tab === 'classes' && <ClassesView run={name} />}
            {tab === 'mistakes' && <MistakesView run={name} />}
            {tab === '' && <Overview detail={detail} />}
          </>
        );
      }}
    </Waiting>
  );
}

/** What came of a run, its curves, what trains it again, and everything that decided it. */
export function Overview({ detail }: { detail: RunDetail }) {
  const { run, history, diagnosis, facts, options, command } = detail;
  const own = options.filter(({ isOwn }) => isOwn);
  return (
    <>
      <dl class="figures">
        <div>
          <dt>status</dt>
          <dd>
            <Status run={run} />
          </dd>
        </div>
        {run.accuracy !== undefined && (
          <div>
            <dt>accuracy, {run.validatedOn} images</dt>
            <dd class="large">{percent(run.accuracy)}</dd>
          </div>
        )}
        {run.tta !== undefined && (
          <div>
            <dt>with {run.tta.preset} views averaged</dt>
            <dd class="large">{percent(run.tta.accuracy)}</dd>
          </div>
        )}
        {run.best !== undefined && run.best.accuracy !== run.accuracy && (
          <div>
            <dt>best epoch ({grouped(run.best.epoch + 1)}), chosen on these images</dt>
            <dd>{percent(run.best.accuracy)}</dd>
          </div>
        )}
      </dl>
      {diagnosis !== undefined && (
        <p class="diagnosis">
          <strong>{diagnosis}</strong>
        </p>
      )}
      {history.length > 0 ? (
        <Curves runs={[{ name: run.name, history, measuredOn: run.validatedOn }]} />
      ) : (
        <p>There is no history of its epochs{run.status === 'running' ? ' yet' : ' here'}.</p>
      )}
      <h2>To train it again</h2>
      <pre>
        <code>{command}</code>
      </pre>
      <div class="columns">
        <section>
          <h2>Time, arithmetic, machine</h2>
          <table>
            <tbody>
              {facts.map(({ name, value }) => (
                <tr>
                  <th scope="row">{name}</th>
                  <td>{value}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
        <section>
          <h2>Configuration</h2>
          <OptionTable options={own} />
          <details>
            <summary>All {options.length} options</summary>
            <OptionTable options={options} />
          </details>
        </section>
      </div>
    </>
  );
}

function OptionTable({ options }: { options: RunDetail['options'] }) {
  if (options.length === 0) return <p>All as its recipe has them, or the defaults.</p>;
  return (
    <table>
      <tbody>
        {options.map(({ name, value }) => (
          <tr>
            <th scope="row">
              <code>--{name}</code>
            </th>
            <td>{value === '' ? '–' : value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
