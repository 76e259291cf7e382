/** What the pages show of runs and of the data set: the files that a server answers with, an exported folder holds, and a report carries. */
import type { Evaluation } from '../evaluation/evaluate.js';
import type { ViewPreset } from '../dataset/views/presets.js';
import type { EpochRecord } from '../plots/types.js';
import type { RunStatus } from '../runs/runRecord.js';
import type { Temperatures } from '../runs/temperatures.js';

/** `site.json`: where a page's content comes from, and the data set. */
export interface SiteInfo {
  /** live: a server that follows the runs; folder: files as they were exported; report: one file for some runs. */
  kind: 'live' | 'folder' | 'report';
  version: string;
  dataset: { name: string; classes: readonly string[]; imageShape: readonly [number, number, number] };
  statistics: { means: readonly number[]; deviations: readonly number[] };
  /** How many images of each part can be shown: the first ones. */
  images: Readonly<Record<Part, number>>;
  /** Of a report: when it was made, ISO 8601. */
  madeAt?: string;
}

export type Part = 'test' | 'train';

/** Images in a file `images/test/0.bin`, `…/1.bin`, …: bytes, NHWC. */
export const IMAGES_A_FILE = 100;

/** Nearest training images of a test image that `neighbours.bin` holds: 16-bit numbers, least byte first, the nearest first. */
export const NEIGHBOURS = 4;

/** A line of `runs.json`. */
export type RunSummary = BrokenRun | ReadableRun;

/** A run that cannot be read. */
export interface BrokenRun {
  name: string;
  problem: string;
}

export interface ReadableRun {
  name: string;
  /** killed: it says that it is in work, and nobody trains there. */
  status: RunStatus | 'killed';
  /** ISO 8601. */
  startedAt: string;
  updatedAt: string;
  /** Network and recipe, or augmentation. */
  title: string;
  /** Epochs that are wanted, and those that are done. */
  epochs: number;
  epochsTrained: number;
  validatedOn: 'test' | 'held-out';
  /** Of the last epoch, 0…1. */
  accuracy?: number;
  loss?: number;
  best?: { epoch: number; accuracy: number };
  /** With the run's own views averaged. */
  tta?: { preset: ViewPreset; accuracy: number };
  trainingSeconds: number;
  /** Of one that is being trained, estimated from its last epochs. */
  secondsLeft?: number;
  /** Which of its models there is to answer pictures. */
  model?: 'last' | 'best';
}

/** `runs/NAME/detail.json`. */
export interface RunDetail {
  run: ReadableRun;
  history: EpochRecord[];
  /** How the training went, in a sentence, where that is clear. */
  diagnosis?: string;
  /** Options, by their names on the command line, with what each is. */
  options: { name: string; value: string; isOwn: boolean }[];
  /** What trains it again. */
  command: string;
  facts: { name: string; value: string }[];
  /** Views of each image that its answers are averaged over. */
  views: ViewPreset;
  temperatures: Temperatures;
}

/** `runs/NAME/measures.json`: its model's answers to the test images. */
export interface Measures {
  weights: 'last' | 'best';
  /** Backend that computed them. */
  backend: string;
  evaluation: Evaluation;
  /** Base64 of count × classes float32, least byte first: before the temperature. */
  logits: string;
  /** Base64 of a byte an image. */
  labels: string;
  /** Accuracy on the images that have no near-duplicate among the training images. */
  withoutDuplicates?: { images: number; accuracy: number };
  /** Averages of several looks that were measured by `cifar tta`: what was averaged, and what came of it. */
  averages: { name: string; passes: number; accuracy: number; plainAccuracy: number; byPasses?: number[] }[];
}

/** How far a measurement of a run is: a message of the stream of events. */
export interface MeasuringState {
  run: string;
  state: 'waiting' | 'measuring' | 'done' | 'failed';
  reason?: string;
}

/** `near-duplicates.json`: pairs of a test image and a training image that show the same. */
export interface NearDuplicates {
  how: string;
  pairs: { test: number; train: number; alike: number }[];
}
