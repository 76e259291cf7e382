import * as tf from '@tensorflow/tfjs-core';
import { readSafetensors, writeSafetensors } from '../io/safetensors.js';
import type { WeightAverage } from '../nn/averaging/weightAverage.js';
import type { Optimizer, SavedTensor } from '../nn/optimizers/optimizer.js';
import { CifarError } from '../util/errors.js';
import type { NamedWeight } from './parameters.js';
import type { RunFolder } from './runFolder.js';
import type { TrainingPosition } from './trainingPosition.js';

const FORMAT = 'cifar-checkpoint-1';

/** Everything of a run that holds tensors. */
export interface TrainingState {
  readonly weights: readonly NamedWeight[];
  readonly optimizer: Optimizer;
  readonly average: WeightAverage | undefined;
}

/** Saves weights, optimizer state, average and position in one file, atomically. */
export function saveCheckpoint(
  folder: RunFolder,
  { weights, optimizer, average }: TrainingState,
  position: TrainingPosition,
): void {
  const tensors = new Map<string, { shape: number[]; data: Float32Array }>();
  const add = (name: string, tensor: tf.Tensor): void => {
    tensors.set(name, { shape: tensor.shape, data: tensor.dataSync() as Float32Array });
  };
  for (const { name, variable } of weights) add(`weights/${name}`, variable);
  for (const [name, tensor] of optimizer.state()) add(`optimizer/${name}`, tensor);
  for (const [name, tensor] of average?.state() ?? []) add(`average/${name}`, tensor);
  const numbers = JSON.stringify(position, (_key, value: unknown) =>
    value === Infinity ? 'Infinity' : value,
  );
  writeSafetensors(folder.checkpoint, tensors, { format: FORMAT, position: numbers });
}

/** Loads a checkpoint into what holds the run's tensors, and returns the position. */
export function loadCheckpoint(
  folder: RunFolder,
  { weights, optimizer, average }: TrainingState,
): TrainingPosition {
  const { tensors, metadata } = readSafetensors(folder.checkpoint);
  if (metadata.format !== FORMAT) {
    throw new CifarError(
      `${folder.checkpoint}: expected format ${FORMAT}, got ${metadata.format ?? 'none'}.`,
    );
  }
  for (const { name, variable } of weights) {
    const saved = tensors.get(`weights/${name}`);
    if (saved === undefined || saved.shape.join() !== variable.shape.join()) {
      throw new CifarError(
        `${folder.checkpoint}: expected weight "${name}" of shape [${variable.shape.join()}], got ${saved ? `[${saved.shape.join()}]` : 'none'}.`,
      );
    }
    const value = tf.tensor(saved.data, [...saved.shape], 'float32');
    variable.assign(value);
    value.dispose();
  }
  const within = (prefix: string): Map<string, SavedTensor> =>
    new Map(
      [...tensors]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
    );
  optimizer.restore(within('optimizer/'));
  average?.restore(within('average/'));
  return JSON.parse(metadata.position, (_key, value: unknown) =>
    value === 'Infinity' ? Infinity : value,
  ) as TrainingPosition;
}
