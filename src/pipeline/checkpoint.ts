import * as tf from '@tensorflow/tfjs-core';
import { readSafetensors, writeSafetensors } from '../io/safetensors.js';
import type { WeightAverage } from '../nn/averaging/weightAverage.js';
import type { Optimizer, SavedTensor } from '../nn/optimizers/optimizer.js';
import { CifarError } from '../util/errors.js';
import type { HardImages } from './hardImages.js';
import type { NamedWeight } from './parameters.js';
import type { RunFolder } from './runFolder.js';
import type { TrainingPosition } from './trainingPosition.js';

/** What the first checkpoints do not have: every step was timed, and nobody watched what else ran. */
type LaterField = 'imagesTimed' | 'othersCpuSeconds' | 'observedSeconds';

const FORMAT = 'cifar-checkpoint-1';

/** Everything of a run that holds tensors. */
export interface TrainingState {
  readonly weights: readonly NamedWeight[];
  readonly optimizer: Optimizer;
  readonly average: WeightAverage | undefined;
  /** What picks the images to train on; undefined when all are. */
  readonly hardImages: Pick<HardImages, 'weights' | 'optimizer'> | undefined;
}

/** Saves weights, optimizer state, average and position in one file, atomically. */
export function saveCheckpoint(
  folder: RunFolder,
  { weights, optimizer, average, hardImages }: TrainingState,
  position: TrainingPosition,
): void {
  const tensors = new Map<string, { shape: number[]; data: Float32Array }>();
  const add = (name: string, tensor: tf.Tensor): void => {
    tensors.set(name, { shape: tensor.shape, data: tensor.dataSync() as Float32Array });
  };
  for (const { name, variable } of weights) add(`weights/${name}`, variable);
  for (const [name, tensor] of optimizer.state()) add(`optimizer/${name}`, tensor);
  for (const [name, tensor] of average?.state() ?? []) add(`average/${name}`, tensor);
  for (const { name, variable } of hardImages?.weights ?? []) add(`proxy/weights/${name}`, variable);
  for (const [name, tensor] of hardImages?.optimizer.state() ?? []) add(`proxy/optimizer/${name}`, tensor);
  const numbers = JSON.stringify(position, (_key, value: unknown) =>
    value === Infinity ? 'Infinity' : value,
  );
  writeSafetensors(folder.checkpoint, tensors, { format: FORMAT, position: numbers });
}

/** Loads a checkpoint into what holds the run's tensors, and returns the position. */
export function loadCheckpoint(
  folder: RunFolder,
  { weights, optimizer, average, hardImages }: TrainingState,
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
  restoreWeights(weights, 'weights/');
  optimizer.restore(within('optimizer/'));
  average?.restore(within('average/'));
  restoreWeights(hardImages?.weights ?? [], 'proxy/weights/');
  hardImages?.optimizer.restore(within('proxy/optimizer/'));
  const position = JSON.parse(metadata.position, (_key, value: unknown) =>
    value === 'Infinity' ? Infinity : value,
  ) as Omit<TrainingPosition, LaterField> & Partial<TrainingPosition>;
  const unobserved = { imagesTimed: position.imagesSeen, othersCpuSeconds: 0, observedSeconds: 0 };
  return { ...unobserved, ...position };
}
