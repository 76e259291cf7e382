import * as tf from '@tensorflow/tfjs-core';
import { readSafetensors, writeSafetensors } from '../io/safetensors.js';
import type { WeightAverage } from '../nn/averaging/weightAverage.js';
import type { Optimizer, SavedTensor } from '../nn/optimizers/optimizer.js';
import { CifarError } from '../util/errors.js';
import type { HardImages } from './hardImages.js';
import type { NamedWeight } from '../nets/namedWeights.js';
import type { RunFolder } from '../runs/runFolder.js';
import type { TrainingPosition } from './position.js';
import { CHECKPOINT_FORMAT, positionText, readPosition } from './savedPosition.js';

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
  writeSafetensors(folder.checkpoint, tensors, {
    format: CHECKPOINT_FORMAT,
    position: positionText(position),
  });
}

function prefixed(
  prefix: string,
  tensors: ReadonlyMap<string, tf.Tensor> = new Map(),
): [string, tf.Tensor][] {
  return [...tensors].map(([name, tensor]) => [prefix + name, tensor]);
}

/** Loads a checkpoint into what holds the run's tensors, and returns the position. */
export function loadCheckpoint(
  folder: RunFolder,
  { net, optimizer, average, hardImages }: TrainingState,
): TrainingPosition {
  const { tensors, metadata } = readSafetensors(folder.checkpoint);
  const position = readPosition(folder.checkpoint, metadata);
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
  return position;
}
