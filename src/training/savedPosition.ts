import * as v from 'valibot';
import { amount, checkValue, count, positiveCount } from '../io/json.js';
import { EPOCH_RECORD } from '../runs/history.js';
import { EPOCH_RESULT } from '../runs/runRecord.js';
import { CifarError, messageOf } from '../util/errors.js';
import type { TrainingPosition } from './position.js';

export const CHECKPOINT_FORMAT = 'cifar-checkpoint-1';

/** JSON knows no infinity, which a run that has not been validated has for its lowest loss. */
export function positionText(position: TrainingPosition): string {
  const { lowestLoss } = position;
  return JSON.stringify({ ...position, lowestLoss: lowestLoss === Infinity ? 'Infinity' : lowestLoss });
}

const LOSS_SCALE = v.object({ factor: amount, updates: count, skipped: count });

const POSITION = v.pipe(
  v.looseObject({
    epoch: count,
    stepInEpoch: count,
    stepsPerEpoch: positiveCount,
    lossSum: amount,
    correct: count,
    imagesSeen: count,
    imagesTimed: v.optional(count),
    epochSeconds: amount,
    finishedSeconds: amount,
    othersCpuSeconds: v.optional(amount),
    observedSeconds: v.optional(amount),
    lossScale: v.optional(LOSS_SCALE),
    proxyLossScale: v.optional(LOSS_SCALE),
    last: v.optional(EPOCH_RESULT),
    best: v.optional(EPOCH_RESULT),
    lowestLoss: v.union([
      amount,
      v.pipe(
        v.literal('Infinity'),
        v.transform(() => Infinity),
      ),
    ]),
    epochsWithoutGain: count,
    history: v.array(EPOCH_RECORD),
  }),
  v.check(
    ({ stepInEpoch, stepsPerEpoch }) => stepInEpoch <= stepsPerEpoch,
    'no more steps in the epoch than it has',
  ),
  v.check(
    ({ history, epoch }) => history.length === epoch && history.every((entry, i) => entry.epoch === i),
    'a history of all finished epochs',
  ),
);

/**
 * The position in a checkpoint's metadata. The first ones do not say which steps were timed, since all were, and nobody watched
 * what else ran.
 * @throws CifarError naming the file when it is damaged
 */
export function readPosition(path: string, metadata: Readonly<Record<string, string>>): TrainingPosition {
  const { format, position: text } = metadata;
  if (format !== CHECKPOINT_FORMAT) {
    throw new CifarError(`${path}: expected format ${CHECKPOINT_FORMAT}, got ${format ?? 'none'}.`);
  }
  try {
    const position = checkValue(JSON.parse(text ?? 'null'), POSITION);
    const unobserved = { imagesTimed: position.imagesSeen, othersCpuSeconds: 0, observedSeconds: 0 };
    return { ...unobserved, ...position } as TrainingPosition;
  } catch (error) {
    throw new CifarError(
      `${path} is damaged: where the training stood cannot be read (${messageOf(error)}).`,
      {
        cause: error,
      },
    );
  }
}
