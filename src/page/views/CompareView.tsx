import { percent } from '../../util/percent';
import { formatDuration } from '../../util/duration';
import { linkTo } from '../lib/route';
import { useSite } from '../lib/site';
import { useAsync } from '../lib/useAsync';
import { Curves } from '../parts/Curves';
import { Waiting } from '../parts/Waiting';
import { Members } from './Members';

/** Several runs beside each other. */
export function CompareView({ names }: { names: readonly string[] }) {
  const site = useSite();
  const loaded = useAsync(() => Promise.all(names.map((name) => site.detail(name))), names);
  return (
    <>
      <h1>{names.length} runs compared</h1>
      <Waiting on={loaded}>
        {(first) => {
          const details = first.map((detail) => site.followed(detail.run.name) ?? detail);
          const differing = details[0].options
            .map(({ name }) => name)
            .filter(
              (name) =>
                new Set(details.map(({ options }) => options.find((one) => one.name === name)?.value)).size >
                1,
            );
          return (
            <>
              <Curves
                runs={details
                  .filter(({ history }) => history.length > 0)
                  .map(({ run, history }) => ({
                    name: run.name,
                    history,
                    measuredOn: run.validatedOn,
                  }))}
              />
              <h2>What differs</h2>
              <div class="scroll" tabIndex={0} role="group" aria-label="What differs">
                <table>
                  <thead>
                    <tr>
                      <th scope="col">run</th>
                      <th scope="col" class="number">
                        accuracy
                      </th>
                      <th scope="col" class="number">
                        with views
                      </th>
                      <th scope="col">training</th>
                      {differing.map((name) => (
                        <th scope="col">{name}</th>
                      ))}
                    </tr>
                  </thead>
                  <tbody>
                    {details.map(({ run, options }) => (
                      <tr>
                        <th scope="row">
                          <a href={linkTo('run', run.name)}>{run.name}</a>
                        </th>
                        <td class="number">{run.accuracy === undefined ? '–' : percent(run.accuracy)}</td>
                        <td class="number">{run.tta === undefined ? '–' : percent(run.tta.accuracy)}</td>
                        <td>{formatDuration(run.trainingSeconds)}</td>
                        {differing.map((name) => (
                          <td>{options.find((one) => one.name === name)?.value}</td>
                        ))}
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
              <Members names={names} />
            </>
          );
        }}
      </Waiting>
    </>
  );
}
