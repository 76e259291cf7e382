import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayerVariable, layers } from '@tensorflow/tfjs-layers';

/**
 * Our layers extend tfjs-layers' own classes and keep their class names, so that a saved model holds stock layers only
 * and opens in any tfjs program. They differ in `call` alone, which runs the training operations of `engine/ops`: a model
 * with such layers needs a backend set up by `engine/select.ts`.
 */

/** What `call` receives beside the input. */
export interface CallOptions {
  /** Whether this pass is part of training; default no. */
  training?: boolean;
}

/** tfjs-layers' activation objects, of which only the name is of interest. */
export interface NamedActivation {
  getClassName(): string;
}

export type { LayerVariable };

type LayerClass<Args, Fields> = new (args: Args) => layers.Layer & Fields;

/**
 * The class of a stock layer; tfjs-layers exports functions that make layers, not the classes.
 * @param example a layer of that class
 */
export function stockClass<Args, Fields>(example: layers.Layer): LayerClass<Args, Fields> {
  return example.constructor as LayerClass<Args, Fields>;
}

/** The one tensor a layer is called with, bare or in a list. */
export function onlyTensor<T extends Tensor>(inputs: Tensor | Tensor[]): T {
  if (!Array.isArray(inputs)) return inputs as T;
  if (inputs.length !== 1) throw new Error(`Expected one input tensor, got ${inputs.length}.`);
  return inputs[0] as T;
}

/** The activation's name if the training operations can fuse it, else null. */
export function fusableActivation(activation: NamedActivation): 'linear' | 'relu' | null {
  const name = activation.getClassName();
  return name === 'linear' || name === 'relu' ? name : null;
}
