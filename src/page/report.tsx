import { render } from 'preact';
import { Site, SiteContext, useSite } from './lib/site';
import { useAsync } from './lib/useAsync';
import { Waiting } from './parts/Waiting';
import { type EmbeddedReport, openEmbeddedSource } from './source/embeddedSource';
import './styles.css';
import { Classes } from './views/ClassesView';
import { CompareView } from './views/CompareView';
import { Mistakes } from './views/MistakesView';
import { Overview } from './views/RunView';

/** Everything there is to see of some runs, one below the other, for reading and for paper. */
function Report({ report }: { report: EmbeddedReport }) {
  const { details, site } = report;
  const names = details.map(({ run }) => run.name);
  return (
    <main>
      <p class="note">
        Report of {site.madeAt?.slice(0, 10)} by cifar {site.version}.
      </p>
      {names.length > 1 && <CompareView names={names} />}
      {details.map((detail) => (
        <article key={detail.run.name} id={detail.run.name}>
          <h1>{detail.run.name}</h1>
          <Overview detail={detail} />
          <Answers run={detail.run.name} />
        </article>
      ))}
    </main>
  );
}

function Answers({ run }: { run: string }) {
  const { source } = useSite();
  const loaded = useAsync(() => source.measures(run), [source, run]);
  return (
    <Waiting on={loaded}>
      {(measures) =>
        measures === undefined ? (
          <p>It has no model that could be measured.</p>
        ) : (
          <>
            <h2>On the test images</h2>
            <Classes measures={measures} />
            <Mistakes measures={measures} />
          </>
        )
      }
    </Waiting>
  );
}

const report = JSON.parse(document.getElementById('report')?.textContent ?? '') as EmbeddedReport;

void openEmbeddedSource(report).then((source) =>
  render(
    <SiteContext.Provider value={new Site(source)}>
      <Report report={report} />
    </SiteContext.Provider>,
    document.getElementById('app') as HTMLElement,
  ),
);
