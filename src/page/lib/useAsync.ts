import { useEffect, useState } from 'preact/hooks';

/** Something that is on its way, has come, or will not. */
export type Loaded<T> =
  { state: 'loading' } | { state: 'done'; value: T } | { state: 'failed'; reason: string };

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What a promise comes to; asked for anew whenever one of the inputs changes, and then the old answer counts no more. */
export function useAsync<T>(ask: () => Promise<T>, inputs: readonly unknown[]): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ state: 'loading' });
  useEffect(() => {
    let isWanted = true;
    setLoaded({ state: 'loading' });
    ask().then(
      (value) => isWanted && setLoaded({ state: 'done', value }),
      (error: unknown) => isWanted && setLoaded({ state: 'failed', reason: reasonOf(error) }),
    );
    return () => {
      isWanted = false;
    };
  }, inputs);
  return loaded;
}
