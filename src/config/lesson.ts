import type { RowId } from './article.js';
import type { TrainConfig } from './trainOptions.js';

/** A length of the article's rows at which they fit into a lesson. */
export interface LessonSize {
  limitTrain: number;
  limitTest: number;
  epochs: number;
}

/** The rows of a lesson: those before the ensemble. */
export const LESSON_ROWS: readonly RowId[] = [
  'bench-none',
  'bench-normal',
  'deep-normal',
  'deep-step',
  'deep-step-tta',
];

/** A network that learns within a minute, in place of both of the article's. */
const NET = { model: 'fast-proxy' } as const;

/** In place of `deep`: at a rate that is too high for its end, such that lowering it shows. */
const HIGH_RATE = { ...NET, learningRate: 0.01 } as const;

/** What a lesson's rows have in place of the article's own settings. */
export const LESSON_SETTINGS: Partial<Record<RowId, Partial<TrainConfig>>> = {
  'bench-none': NET,
  'bench-normal': NET,
  'deep-normal': HIGH_RATE,
  'deep-step': HIGH_RATE,
};

/** Of the lesson's network, what is trained to learn how fast the machine is. */
export const LESSON_NET: Partial<TrainConfig> = NET;

/** The smallest lesson, that of the trial: with fewer images or epochs, not everything can be expected to show. Larger ones have more images. */
export const SMALLEST_LESSON: LessonSize = { limitTrain: 2000, limitTest: 2000, epochs: 30 };
/** In steps of these. */
const MORE_IMAGES = 500;
const MOST_IMAGES = 50_000;
/** A pass without gradients takes a third of one with. */
const FORWARD_SHARE = 1 / 3;
/** Of the budget: the rest is for loading, drawing and a machine that slows down. */
const USED_SHARE = 0.85;

/**
 * How long a lesson takes.
 * @param imagesPerSecond that the lesson's network is trained on
 * @param passes of test-time augmentation
 * @returns seconds
 */
export function lessonSeconds(
  { limitTrain, limitTest, epochs }: LessonSize,
  imagesPerSecond: number,
  passes: number,
): number {
  const trained = epochs * (limitTrain + FORWARD_SHARE * limitTest);
  const looked = FORWARD_SHARE * passes * limitTest;
  const trainings = Object.keys(LESSON_SETTINGS).length;
  return (trainings * trained + looked) / imagesPerSecond / USED_SHARE;
}

/** The largest lesson that fits into a number of seconds; undefined where not even the smallest does. */
export function lessonSize(seconds: number, imagesPerSecond: number, passes: number): LessonSize | undefined {
  for (let limitTrain = MOST_IMAGES; limitTrain >= SMALLEST_LESSON.limitTrain; limitTrain -= MORE_IMAGES) {
    const size = { ...SMALLEST_LESSON, limitTrain };
    if (lessonSeconds(size, imagesPerSecond, passes) <= seconds) return size;
  }
  return undefined;
}

/** One of the article's findings, as two rows of a lesson show it. */
export interface Finding {
  title: string;
  rows: readonly [without: RowId, with_: RowId];
  /** Where it shows: a loss falls, an accuracy rises. */
  in: 'accuracy' | 'loss';
}

export const FINDINGS: readonly Finding[] = [
  { title: 'augmentation helps', rows: ['bench-none', 'bench-normal'], in: 'accuracy' },
  { title: 'step decay helps', rows: ['deep-normal', 'deep-step'], in: 'loss' },
  { title: 'test-time augmentation helps', rows: ['deep-step', 'deep-step-tta'], in: 'accuracy' },
];

/** What the second of a finding's rows is better by: positive where it is. */
export const gainOf = ({ in: figure }: Finding, without: number, withIt: number): number =>
  figure === 'loss' ? without - withIt : withIt - without;

/** What three lessons of one size gave, which differ in their seeds: `npx tsx scripts/trial-lesson.ts`, results/lesson.json. */
export const TRIAL: {
  size: Pick<LessonSize, 'limitTrain' | 'epochs'>;
  /** By finding, by seed: what accuracy has risen by, or a loss has fallen by. */
  gains: readonly (readonly number[])[];
} = {
  size: { limitTrain: 2000, epochs: 30 },
  gains: [
    [0.0625, 0.0665, 0.0405],
    [0.2517, 0.1689, 0.2677],
    [0.0355, 0.0395, 0.036],
  ],
};
