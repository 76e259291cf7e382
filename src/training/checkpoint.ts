import * as tf from '@tensorflow/tfjs-core';
import * as v from 'valibot';
import { amount, checkValue, count, positiveCount, share } from '../io/json.js';
import { readSafetensors, writeSafetensors } from '../io/safetensors.js';
import type { WeightAverage } from '../nn/averaging/weightAverage.js';
import type { Optimizer, SavedTensor } from '../nn/optimizers/optimizer.js';
import { EPOCH_RECORD } from '../runs/history.js';
import { CifarError, messageOf } from '../util/errors.js';
import type { HardImages } from './hardImages.js';
import type { NamedWeight } from '../nets/namedWeights.js';
import type { RunFolder } from '../runs/runFolder.js';
import type { TrainingPosition } from './position.js';

const FORMAT = 'cifar-checkpoint-1';

/** Everything of a run that holds tensors. */
export interface TrainingState {
  readonly net: { readonly weights: readonly NamedWeight[] };
  readonly optimizer: Optimizer;
  readonly average: WeightAverage | undefined;
  /** What picks the images to train on; undefined when all are. */
  readonly hardImages: Pick<HardImages, 'weights' | 'optimizer'> | undefined;
}

/** All of a run's tensors by the names that they have in a checkpoint. */
export function stateTensors({ net, optimizer, average, hardImages }: TrainingState): [string, tf.Tensor][] {
  return [
    ...net.weights.map(({ name, variable }): [string, tf.Tensor] => [`weights/${name}`, variable]),
    ...prefixed('optimizer/', optimizer.state()),
    ...prefixed('average/', average?.state()),
    ...(hardImages?.weights ?? []).map(({ name, variable }): [string, tf.Tensor] => [
      `proxy/weights/${name}`,
      variable,
    ]),
    ...prefixed('proxy/optimizer/', hardImages?.optimizer.state()),
  ];
}

/** Saves weights, optimizer state, average and position in one file, atomically. */
export async function saveCheckpoint(
  folder: RunFolder,
  state: TrainingState,
  position: TrainingPosition,
): Promise<void> {
  const tensors = new Map<string, { shape: number[]; data: Float32Array }>();
  for (const [name, tensor] of stateTensors(state)) {
    tensors.set(name, { shape: tensor.shape, data: await tensor.data<'float32'>() });
  }
  writeSafetensors(folder.checkpoint, tensors, { format: FORMAT, position: positionText(position) });
}

function prefixed(
  prefix: string,
  tensors: ReadonlyMap<string, tf.Tensor> = new Map(),
): [string, tf.Tensor][] {
  return [...tensors].map(([name, tensor]) => [prefix + name, tensor]);
}

/** JSON knows no infinity, which a run that has not been validated has for its lowest loss. */
function positionText(position: TrainingPosition): string {
  const { lowestLoss } = position;
  return JSON.stringify({ ...position, lowestLoss: lowestLoss === Infinity ? 'Infinity' : lowestLoss });
}

/** Loads a checkpoint into what holds the run's tensors, and returns the position. */
export function loadCheckpoint(
  folder: RunFolder,
  { net, optimizer, average, hardImages }: TrainingState,
): TrainingPosition {
  const { tensors, metadata } = readSafetensors(folder.checkpoint);
  if (metadata.format !== FORMAT) {
    throw new CifarError(
      `${folder.checkpoint}: expected format ${FORMAT}, got ${metadata.format ?? 'none'}.`,
    );
  }
  const within = (prefix: string): Map<string, SavedTensor> =>
    new Map(
      [...tensors]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
    );
  const restoreWeights = (all: readonly NamedWeight[], prefix: string): void => {
    for (const { name, variable } of all) {
      const saved = tensors.get(prefix + name);
      if (saved === undefined || saved.shape.join() !== variable.shape.join()) {
        throw new CifarError(
          `${folder.checkpoint}: expected ${prefix}${name} of shape [${variable.shape.join()}], got ${saved ? `[${saved.shape.join()}]` : 'none'}.`,
        );
      }
      const value = tf.tensor(saved.data, [...saved.shape], 'float32');
      variable.assign(value);
      value.dispose();
    }
  };
  restoreWeights(net.weights, 'weights/');
  optimizer.restore(within('optimizer/'));
  average?.restore(within('average/'));
  restoreWeights(hardImages?.weights ?? [], 'proxy/weights/');
  hardImages?.optimizer.restore(within('proxy/optimizer/'));
  return readPosition(folder.checkpoint, metadata.position);
}

const EPOCH_RESULT = v.looseObject({ epoch: count, loss: amount, accuracy: share });

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

/** The first checkpoints do not say which steps were timed, since all were, and nobody watched what else ran. */
function readPosition(path: string, text: string | undefined): TrainingPosition {
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
