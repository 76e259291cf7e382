import type { ComponentChildren } from 'preact';
import type { Loaded } from '../lib/useAsync';

interface WaitingProps<T> {
  on: Loaded<T>;
  children: (value: T) => ComponentChildren;
}

/** What has come, or that it has not, or why it will not. */
export function Waiting<T>({ on, children }: WaitingProps<T>) {
  if (on.state === 'loading') return <p aria-busy="true">Loading…</p>;
  if (on.state === 'failed')
    return (
      <p class="problem" role="alert">
        {on.reason}
      </p>
    );
  return <>{children(on.value)}</>;
}
