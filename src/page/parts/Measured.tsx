import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Measures } from '../../report/types';
import { useSite } from '../lib/site';
import { reasonOf, useAsync } from '../lib/useAsync';
import { Waiting } from './Waiting';

interface MeasuredProps {
  run: string;
  children: (measures: Measures) => ComponentChildren;
}

/** What needs a run's answers to the test images: has them made where they are not there yet. */
export function Measured({ run, children }: MeasuredProps) {
  const site = useSite();
  const state = site.measuring.get(run);
  const loaded = useAsync(
    () => site.source.measures(run),
    [site, run, state?.state === 'done' ? state : undefined],
  );
  return (
    <Waiting on={loaded}>
      {(measures) => (measures === undefined ? <Ask run={run} /> : children(measures))}
    </Waiting>
  );
}

function Ask({ run }: { run: string }) {
  const site = useSite();
  const [refused, setRefused] = useState<string>();
  const { measure, site: info } = site.source;
  const state = site.measuring.get(run);
  if (measure === undefined) return <p>Its answers to the test images were not measured for this page.</p>;
  if (info.images.test === 0)
    return (
      <p>
        The data set is not here. In a terminal: <code>npx cifar download</code>
      </p>
    );
  if (state?.state === 'waiting') return <p aria-busy="true">Waiting until another run has been measured…</p>;
  if (state?.state === 'measuring')
    return <p aria-busy="true">Measuring it on the test images: seconds to minutes…</p>;
  const reason = refused ?? (state?.state === 'failed' ? state.reason : undefined);
  const ask = (): void => {
    measure(run).catch((error: unknown) => setRefused(reasonOf(error)));
  };
  return (
    <>
      {reason !== undefined && (
        <p class="problem" role="alert">
          {reason}
        </p>
      )}
      <p>Nobody has asked yet what it answers to each of the test images.</p>
      <button onClick={ask}>Measure it on the test images</button>
    </>
  );
}
