import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { portableKernel } from './kernel.js';
import type { OpDefinition } from './kernel.js';
import { type UpdatedAll, runGroups } from './tensorGroups.js';

/** Kernel name: inputs tensors, attribute `factor` → as many tensors of their shapes, then the flag of UpdatedAll. */
export const ScaleAll = 'ScaleAll';

export interface ScaleAllAttrs {
  factor: number;
}

/**
 * factor·x of many tensors, and whether all of x was finite.
 * @param x float32
 * @returns groups: the products, one group; notFinite is there on every backend
 */
export function scaleAll(x: readonly Tensor[], factor: number): UpdatedAll {
  return runGroups(ScaleAll, [x], 1, { factor } satisfies ScaleAllAttrs);
}

const isFlawed = (x: Tensor): Tensor => tf.any(tf.logicalNot(tf.isFinite(x)));

export const scaleAllOp: OpDefinition = {
  kernels: [
    portableKernel<Record<string, Tensor>, ScaleAllAttrs>(ScaleAll, (inputs, { factor }) => {
      const all = Object.values(inputs);
      const flag = tf.any(tf.stack(all.map(isFlawed)));
      return [...all.map((x) => tf.mul(x, factor)), tf.cast(tf.reshape(flag, [1]), 'int32')];
    }),
  ],
  gradients: [],
};
