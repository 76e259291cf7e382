import { useEffect, useState } from 'preact/hooks';

/** What stands behind the # of the address, in its parts: `#/run/bench-s1/mistakes` is run, bench-s1, mistakes. */
export type Route = readonly string[];

export function linkTo(...parts: readonly string[]): string {
  return `#/${parts.map(encodeURIComponent).join('/')}`;
}

function current(): Route {
  const parts = location.hash.replace(/^#\/?/, '').split('/');
  try {
    return parts.filter((part) => part !== '').map(decodeURIComponent);
  } catch {
    return [];
  }
}

/** The route, as it changes. */
export function useRoute(): Route {
  const [route, setRoute] = useState(current);
  useEffect(() => {
    const change = (): void => setRoute(current());
    addEventListener('hashchange', change);
    return () => removeEventListener('hashchange', change);
  }, []);
  return route;
}
