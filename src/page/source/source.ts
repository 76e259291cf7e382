import type {
  Measures,
  NearDuplicates,
  Part,
  ReadableRun,
  RunDetail,
  RunSummary,
  SiteInfo,
} from '../../report/types';

/** Where a page's content comes from: a server, a folder of files, or the report that it is a part of. */
export interface Source {
  readonly site: SiteInfo;
  runs(): Promise<RunSummary[]>;
  detail(run: string): Promise<RunDetail>;
  /** Undefined as long as nobody has measured it. */
  measures(run: string): Promise<Measures | undefined>;
  /** Images by their numbers, height × width × 3 bytes each; undefined for those that are not here. */
  images(part: Part, numbers: readonly number[]): Promise<(Uint8Array | undefined)[]>;
  /** A byte an image; empty where there are none. */
  labels(part: Part): Promise<Uint8Array>;
  /** Numbers of the training images that are most like a test image; empty where they are not known. */
  neighbours(test: number): Promise<number[]>;
  nearDuplicates(): Promise<NearDuplicates>;
  /** Address of the model.json that a browser opens; undefined where models are not here. */
  modelUrl(run: ReadableRun): string | undefined;
  /** Has a run measured; undefined where nobody is there to do it. */
  measure?: (run: string) => Promise<void>;
}

/** A refusal by whom the page comes from, in its words. */
export class SourceError extends Error {}
