import type { Tensor } from '@tensorflow/tfjs-core';
import { runMultiKernel } from './kernel.js';

/** What an update of many parameters at once gives. */
export interface UpdatedAll {
  /** The new tensors, one a parameter in each group, in the order of the groups that went in. */
  readonly groups: readonly (readonly Tensor[])[];
  /** [1], int32: not 0 where a gradient was not a finite number. Undefined on backends whose values can be looked at cheaply. */
  readonly notFinite: Tensor | undefined;
}

/**
 * Runs a kernel over many tensors at once, whose inputs are the groups one after another, in tfjs's own manner for lists.
 * @param groups of equally many tensors, those of one place of one shape
 * @param kept how many groups come out
 */
export function runGroups(
  kernelName: string,
  groups: readonly (readonly Tensor[])[],
  kept: number,
  attrs: object,
): UpdatedAll {
  const count = groups[0].length;
  if (groups.some(({ length }) => length !== count)) {
    throw new RangeError(
      `${kernelName} takes as many tensors of each kind, got ${groups.map(({ length }) => length).join(', ')}.`,
    );
  }
  if (count === 0) return { groups: Array.from({ length: kept }, () => []), notFinite: undefined };
  const results = runMultiKernel(kernelName, groups.flat() as unknown as Record<string, Tensor>, attrs);
  return { groups: grouped(results.slice(0, kept * count), kept), notFinite: results.at(kept * count) };
}

/** Tensors one after another → groups of them. */
export function grouped<T>(tensors: ArrayLike<T>, groups: number): T[][] {
  const list = Array.from(tensors);
  const count = list.length / groups;
  return Array.from({ length: groups }, (_, i) => list.slice(i * count, (i + 1) * count));
}
