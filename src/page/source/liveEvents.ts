import type { EpochRecord } from '../../plots/types';
import type { MeasuringState, RunSummary } from '../../report/types';

/** What a server tells pages. */
export type LiveEvent =
  | { kind: 'hello' }
  | { kind: 'lost' }
  | { kind: 'runs'; changed: RunSummary[]; removed: string[] }
  | { kind: 'history'; run: string; from: number; epochs: EpochRecord[] }
  | ({ kind: 'measuring' } & MeasuringState);

const KINDS = ['hello', 'runs', 'history', 'measuring'] as const;
const CHANNEL = 'cifar events';

/**
 * Listens to the server. A browser gives a server six connections in all, so that all tabs share one stream: whichever holds the lock has it,
 * and tells the others. Where there are no locks (plain http from another machine), each tab has its own.
 */
export function listen(hear: (event: LiveEvent) => void): void {
  if (!('locks' in navigator) || !('BroadcastChannel' in self)) {
    openStream(hear);
    return;
  }
  const channel = new BroadcastChannel(CHANNEL);
  channel.addEventListener('message', ({ data }) => hear(data as LiveEvent));
  void navigator.locks.request(CHANNEL, () => {
    openStream((event) => {
      channel.postMessage(event);
      hear(event);
    });
    // For as long as this tab lives.
    return new Promise(() => undefined);
  });
}

function openStream(hear: (event: LiveEvent) => void): void {
  const stream = new EventSource('events');
  for (const kind of KINDS) {
    stream.addEventListener(kind, ({ data }: MessageEvent<string>) => {
      hear({ kind, ...(JSON.parse(data) as object) } as LiveEvent);
    });
  }
  // The browser tries again by itself, and is greeted when it gets through.
  stream.addEventListener('error', () => hear({ kind: 'lost' }));
}
