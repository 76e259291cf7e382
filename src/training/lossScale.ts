import * as tf from '@tensorflow/tfjs-core';
import { scaleAll } from '../engine/ops/index.js';
import { FiniteWatch } from './finiteWatch.js';

/**
 * Where gradients lie in 16 bits, whose smallest normal number is 6e-5, the loss is multiplied by a factor, and the gradients of the
 * parameters, which lie in 32, are divided by it (Micikevicius et al. 2018). The factor is halved when a gradient overflows, and that update
 * is left out; after many without it is doubled. Part of a run's position: a resumed run goes on with it.
 */
export interface LossScale {
  factor: number;
  /** Updates since the factor last changed. */
  updates: number;
  /** Updates that were left out. */
  skipped: number;
}

/** Where PyTorch's scaler begins, and the updates after which it doubles. */
const FIRST_FACTOR = 2 ** 16;
const DOUBLED_AFTER = 2000;
/** Gradients of a batch of 50,000 images would not overflow even at this. */
const LARGEST_FACTOR = 2 ** 24;

export const freshLossScale = (): LossScale => ({ factor: FIRST_FACTOR, updates: 0, skipped: 0 });

/**
 * Takes the factor out of gradients.
 * @param gradients of the loss times the factor; null where none was wanted. They stay the caller's
 * @returns new tensors, or undefined where one of them was not finite
 */
export async function unscaled(
  gradients: readonly (tf.Tensor | null)[],
  { factor }: LossScale,
): Promise<(tf.Tensor | null)[] | undefined> {
  const given = gradients.filter((gradient) => gradient !== null);
  const {
    groups: [divided],
    notFinite,
  } = scaleAll(given, 1 / factor);
  const watch = new FiniteWatch();
  if (notFinite !== undefined) watch.add([notFinite]);
  if (!(await watch.areFinite())) {
    tf.dispose([...divided]);
    return undefined;
  }
  const rest = [...divided];
  return gradients.map((gradient) => gradient && (rest.shift() ?? null));
}

/**
 * Takes note of an update.
 * @param wasMade false when it was left out since a gradient was not finite
 * @returns false when that was not for want of a smaller factor: the training diverged
 */
export function noteUpdate(scale: LossScale, wasMade: boolean): boolean {
  if (!wasMade) {
    const wasLeast = scale.factor <= 1;
    Object.assign(scale, { factor: scale.factor / 2, updates: 0, skipped: scale.skipped + 1 });
    return !wasLeast;
  }
  scale.updates++;
  if (scale.updates >= DOUBLED_AFTER && scale.factor < LARGEST_FACTOR) {
    Object.assign(scale, { factor: scale.factor * 2, updates: 0 });
  }
  return true;
}
