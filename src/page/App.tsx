import { useEffect, useRef } from 'preact/hooks';
import { linkTo, useRoute } from './lib/route';
import { useSite } from './lib/site';
import { AugmentView } from './views/AugmentView';
import { CompareView } from './views/CompareView';
import { GalleryView } from './views/GalleryView';
import { RunView } from './views/RunView';
import { RunsView } from './views/RunsView';
import { TrainView } from './views/TrainView';
import { TryView } from './views/TryView';

const ROOMS = [
  ['', 'Runs'],
  ['try', 'Try a picture'],
  ['train', 'Train here'],
  ['augment', 'Augmentation'],
  ['gallery', 'Gallery'],
] as const;

/** The page: its rooms, and the one that is open. */
export function App() {
  const site = useSite();
  const [room = '', ...rest] = useRoute();
  const main = useRef<HTMLElement>(null);
  const path = [room, ...rest].join('/');
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = `${rest[0] ?? ROOMS.find(([name]) => name === room)?.[1] ?? 'Runs'} – cifar`;
    // Whoever follows a link by the keyboard goes on where the new view begins.
    if (!isFirst.current) main.current?.focus();
    isFirst.current = false;
  }, [path]);
  return (
    <>
      <header>
        <nav aria-label="The page">
          <ul>
            {ROOMS.map(([name, text]) => (
              <li key={name}>
                <a
                  href={name === '' ? linkTo() : linkTo(name)}
                  aria-current={room === name ? 'page' : undefined}
                >
                  {text}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        {site.isLost && (
          <p role="status" class="problem">
            The server does not answer: what is here may be old.
          </p>
        )}
      </header>
      <main ref={main} tabIndex={-1}>
        <View key={path} room={room} rest={rest} />
      </main>
    </>
  );
}

function View({ room, rest }: { room: string; rest: readonly string[] }) {
  const [first, second] = rest;
  if (room === 'run' && first !== undefined) return <RunView name={first} tab={second} />;
  if (room === 'compare' && rest.length > 1) return <CompareView names={rest} />;
  if (room === 'try') return <TryView name={first} />;
  if (room === 'train') return <TrainView />;
  if (room === 'augment') return <AugmentView />;
  if (room === 'gallery') return <GalleryView />;
  return <RunsView />;
}
