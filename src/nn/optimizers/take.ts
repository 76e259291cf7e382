import type { Tensor } from '@tensorflow/tfjs-core';
import type { UpdatedAll } from '../../engine/ops/index.js';
import type { Parameter } from './optimizer.js';
import type { Slots } from './slots.js';

/**
 * Gives parameters and slots their new values.
 * @param slots in the order of the update's groups after the first, which is the parameters
 * @returns the update's flag, if it has one
 */
export function take(
  { groups: [values, ...others], notFinite }: UpdatedAll,
  indices: readonly number[],
  parameters: readonly Pick<Parameter, 'variable'>[],
  slots: readonly Slots[],
): Tensor[] {
  indices.forEach((index, i) => {
    parameters[index].variable.assign(values[i]);
    values[i].dispose();
    slots.forEach((slot, s) => slot.set(index, others[s][i]));
  });
  return notFinite === undefined ? [] : [notFinite];
}
