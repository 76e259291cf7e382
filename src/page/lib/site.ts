import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { EpochRecord } from '../../plots/types';
import type { MeasuringState, RunDetail, RunSummary } from '../../report/types';
import { type LiveEvent, listen } from '../source/liveEvents';
import type { Source } from '../source/source';

/** A source, and what changes in it while it is looked at. */
export class Site {
  runs: RunSummary[] | undefined;
  /** Of the last message about each run. */
  readonly measuring = new Map<string, MeasuringState>();
  /** Whether the server's messages do not come through. */
  isLost = false;
  private readonly details = new Map<string, RunDetail>();
  private readonly listeners = new Set<() => void>();

  constructor(readonly source: Source) {
    if (source.site.kind === 'live') listen((event) => this.hear(event));
    else void this.reload();
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** A run's detail, as it is now if it is being followed. */
  async detail(run: string): Promise<RunDetail> {
    const detail = await this.source.detail(run);
    this.details.set(run, detail);
    return detail;
  }

  /** The history of a run whose detail has been asked for, with what it has gained since. */
  followed(run: string): RunDetail | undefined {
    return this.details.get(run);
  }

  private async reload(): Promise<void> {
    this.runs = await this.source.runs();
    this.notify();
  }

  private hear(event: LiveEvent): void {
    if (event.kind === 'hello') {
      // What was missed, if anything, is in the files.
      this.isLost = false;
      void this.reload();
      for (const run of this.details.keys()) void this.detail(run).then(() => this.notify());
    } else if (event.kind === 'lost') this.isLost = true;
    else if (event.kind === 'runs') this.change(event.changed, event.removed);
    else if (event.kind === 'history') this.grow(event.run, event.from, event.epochs);
    else this.measuring.set(event.run, event);
    this.notify();
  }

  private change(changed: readonly RunSummary[], removed: readonly string[]): void {
    const gone = new Set(removed);
    const news = new Map(changed.map((run) => [run.name, run]));
    const kept = (this.runs ?? []).filter(({ name }) => !gone.has(name));
    const known = new Set(kept.map(({ name }) => name));
    this.runs = [
      ...changed.filter(({ name }) => !known.has(name)),
      ...kept.map((run) => news.get(run.name) ?? run),
    ];
    for (const run of changed) {
      const detail = this.details.get(run.name);
      if (detail === undefined || 'problem' in run) continue;
      this.details.set(run.name, { ...detail, run });
      // With its end come a diagnosis and temperatures.
      if (run.status !== 'running') void this.detail(run.name).then(() => this.notify());
    }
  }

  private grow(run: string, from: number, epochs: readonly EpochRecord[]): void {
    const detail = this.details.get(run);
    if (detail === undefined) return;
    this.details.set(run, { ...detail, history: [...detail.history.slice(0, from), ...epochs] });
  }

  private notify(): void {
    for (const listener of this.listeners) listener();
  }
}

export const SiteContext = createContext<Site>(undefined as unknown as Site);

/** The site, drawn anew whenever something in it changes. */
export function useSite(): Site {
  const site = useContext(SiteContext);
  const [, redraw] = useState(0);
  useEffect(() => site.subscribe(() => redraw((count) => count + 1)), [site]);
  return site;
}
