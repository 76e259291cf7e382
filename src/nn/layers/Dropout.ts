import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { seededDropout } from '../../engine/ops/index.js';
import { STREAM, hash32 } from '../../util/rng.js';
import { onlyTensor, stockClass } from './stock.js';
import type { CallOptions } from './stock.js';

export type DropoutArgs = Parameters<typeof layers.dropout>[0];

/**
 * Which masks a model's dropout layers draw. All of them share one such object, which the training loop moves on: the
 * masks are a pure function of it, so a resumed run draws the ones it would have drawn.
 */
export interface DropoutState {
  /** The run's seed. */
  seed: number;
  /** Number of the training pass, to be raised before each forward pass (each part of a batch, if it is split). */
  step: number;
}

interface StockFields {
  rate: number;
}

const StockDropout = stockClass<DropoutArgs, StockFields>(layers.dropout({ rate: 0.5 }));

/** tfjs-layers' Dropout, with masks named by (seed, step, layer) instead of drawn from a generator. */
export class Dropout extends StockDropout {
  private readonly state: DropoutState;
  private readonly layerIndex: number;

  /**
   * @param args the stock layer's; `seed` and `noiseShape` are not supported
   * @param state shared by the model's dropout layers
   * @param layerIndex tells the model's dropout layers apart
   */
  constructor(args: Omit<DropoutArgs, 'seed' | 'noiseShape'>, state: DropoutState, layerIndex: number) {
    super(args);
    this.state = state;
    this.layerIndex = layerIndex;
  }

  override call(inputs: Tensor | Tensor[], options: CallOptions): Tensor | Tensor[] {
    const x = onlyTensor(inputs);
    if (options.training !== true || this.rate === 0) return x;
    const { seed, step } = this.state;
    return tidy(() =>
      seededDropout(x, this.rate, hash32(seed, STREAM.dropout), hash32(step, this.layerIndex)),
    );
  }
}
