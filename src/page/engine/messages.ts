import type { ViewPreset } from '../../dataset/views/presets';

/** What computes in a page. */
export type Device = 'webgpu' | 'wasm';

/** What a page asks of its computing thread; each is answered by one `Answer` of the same number. */
export type Order =
  | { kind: 'open'; device: Device; trains: boolean; known: Record<string, unknown> }
  | { kind: 'load'; url: string }
  | { kind: 'classify'; images: Uint8Array; views: ViewPreset; temperature: number }
  | { kind: 'train'; slice: Slice; settings: TrainSettings }
  | { kind: 'pause' }
  | { kind: 'goOn' }
  | { kind: 'stop' };

/** Images to train on and to judge by, bytes, NHWC. */
export interface Slice {
  images: Uint8Array;
  labels: Uint8Array;
  testImages: Uint8Array;
  testLabels: Uint8Array;
}

export interface TrainSettings {
  net: 'fast-proxy-muon' | 'fast-proxy';
  epochs: number;
  batchSize: number;
  seed: number;
}

/** Where a training stands. */
export interface TrainProgress {
  epoch: number;
  step: number;
  steps: number;
  /** Of the epoch so far. */
  loss: number;
  accuracy: number;
  imagesPerSecond: number;
  /** At an epoch's end: on the images to judge by. */
  validation?: { loss: number; accuracy: number };
}

export type Reply =
  | { kind: 'answer'; number: number; value: unknown }
  | { kind: 'failed'; number: number; reason: string }
  | { kind: 'progress'; progress: TrainProgress }
  /** What has been found out about this machine, to be kept between visits. */
  | { kind: 'learned'; key: string; value: unknown };
