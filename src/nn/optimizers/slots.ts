import * as tf from '@tensorflow/tfjs-core';
import { lerpAll } from '../../engine/ops/index.js';
import { CifarError } from '../../util/errors.js';
import type { Parameter, SavedTensor } from './optimizer.js';

/** One f32 tensor a weight, of its shape: a momentum, a mean square, a running average. */
export class Slots {
  private readonly tensors: tf.Tensor[];

  /** @param start the first value of a weight's tensor; zero unless told otherwise */
  constructor(
    private readonly slotName: string,
    private readonly parameters: readonly Pick<Parameter, 'name' | 'variable'>[],
    start: (variable: tf.Variable) => tf.Tensor = ({ shape }) => tf.zeros(shape),
  ) {
    this.tensors = parameters.map(({ variable }) => tf.keep(start(variable)));
  }

  get(index: number): tf.Tensor {
    return this.tensors[index];
  }

  /** Puts a new tensor in place of the old one, which is disposed. */
  set(index: number, value: tf.Tensor): void {
    const old = this.tensors[index];
    this.tensors[index] = tf.keep(value);
    if (old !== value) old.dispose();
  }

  /** Makes of each tensor (1 − share)·weight + share·tensor. @param weights in the slots' order */
  average(weights: readonly Pick<Parameter, 'variable'>[], share: number): void {
    const values = lerpAll(
      weights.map(({ variable }) => variable),
      this.tensors,
      share,
    );
    values.forEach((value, i) => this.set(i, value));
  }

  entries(): [string, tf.Tensor][] {
    return this.parameters.map(({ name }, i) => [`${this.slotName}/${name}`, this.tensors[i]]);
  }

  restore(saved: ReadonlyMap<string, SavedTensor>): void {
    this.entries().forEach(([name, tensor], i) => {
      const slot = saved.get(name);
      if (slot === undefined || slot.shape.join() !== tensor.shape.join()) {
        throw new CifarError(
          `The checkpoint does not fit this run: expected optimizer state "${name}" of shape [${tensor.shape.join()}], got ${slot ? `[${slot.shape.join()}]` : 'none'}.`,
        );
      }
      this.set(i, tf.tensor(slot.data, [...slot.shape], 'float32'));
    });
  }

  dispose(): void {
    for (const tensor of this.tensors) tensor.dispose();
  }
}
