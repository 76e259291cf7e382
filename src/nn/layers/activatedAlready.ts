import type { Tensor } from '@tensorflow/tfjs-core';

const activated = new WeakSet<Tensor>();

/** Notes that a layer's output has been through the activation of the layer behind it. */
export function noteActivated<T extends Tensor>(y: T): T {
  activated.add(y);
  return y;
}

/** Whether a layer's input has been through its activation, so that nothing is left to do. */
export const isActivated = (x: Tensor): boolean => activated.has(x);
