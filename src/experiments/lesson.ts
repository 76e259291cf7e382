import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LESSON_NET, type LessonSize, SMALLEST_LESSON, lessonSeconds, lessonSize } from '../config/lesson.js';
import { resolveTrainConfig } from '../config/resolveTrainConfig.js';
import type { TrainConfig } from '../config/trainOptions.js';
import { SILENT } from '../training/reporter.js';
import { type TrainOptions, trainNew } from '../training/train.js';
import { formatDuration } from '../util/duration.js';
import { UsageError } from '../util/errors.js';

/** Trained for that long to learn how fast the machine is. */
const TRIAL_SECONDS = 10;

/**
 * The largest lesson that this machine does in a time, which is tried for some seconds.
 * @param budget in seconds
 * @throws UsageError when not even the smallest fits
 */
export async function lessonFor(
  budget: number,
  settings: Partial<TrainConfig>,
  passes: number,
  options: Pick<TrainOptions, 'dataset' | 'signal'>,
): Promise<LessonSize> {
  const rate = await imagesPerSecond(settings, options);
  const size = lessonSize(budget, rate, passes);
  if (size !== undefined) return size;
  const needed = lessonSeconds(SMALLEST_LESSON, rate, passes);
  throw new UsageError(
    `--budget ${formatDuration(budget)}: the smallest lesson takes ${formatDuration(needed)} here. Give that, or fewer --passes.`,
  );
}

async function imagesPerSecond(
  settings: Partial<TrainConfig>,
  options: Pick<TrainOptions, 'dataset' | 'signal'>,
): Promise<number> {
  const modelsDir = mkdtempSync(join(tmpdir(), 'cifar-lesson-'));
  try {
    const { epochs, limitTrain, limitTest } = SMALLEST_LESSON;
    const trial = { modelsDir, epochs, limitTrain, limitTest, maxTime: TRIAL_SECONDS, validateEvery: epochs };
    const config = resolveTrainConfig(settings, LESSON_NET, trial);
    const { record } = await trainNew(config, 'trial', { ...options, reporter: SILENT });
    return record.imagesTrained / record.trainingSeconds;
  } finally {
    rmSync(modelsDir, { recursive: true, force: true });
  }
}
