import { ones, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { batchNormTraining, movingMoments, type NormActivation } from '../../engine/ops/index.js';
import { noteActivated } from './activatedAlready.js';
import { onlyTensor, stockClass } from './stock.js';
import type { CallOptions, LayerVariable } from './stock.js';

export type BatchNormalizationArgs = NonNullable<Parameters<typeof layers.batchNormalization>[0]>;

/** How a layer computes, beside what stock layers know; none of it is saved, since it changes no result. */
export interface BatchNormalizationHints {
  /** The activation of the layer behind, if that alone reads this one's output: in training both are one kernel where the engine has it. */
  activation?: NormActivation;
}

interface StockFields {
  gamma: LayerVariable | undefined;
  beta: LayerVariable | undefined;
  movingMean: LayerVariable;
  movingVariance: LayerVariable;
  axis: number;
  momentum: number;
  epsilon: number;
}

const StockBatchNormalization = stockClass<BatchNormalizationArgs, StockFields>(
  layers.batchNormalization({}),
);

/**
 * tfjs-layers' BatchNormalization over the last axis of [N, C] or [N, H, W, C], with or without scale. In training it is one kernel each way;
 * moving ← momentum·moving + (1 − momentum)·batch. The variance that goes into the moving average is the unbiased one
 * (m/(m − 1) times the batch's, m values a channel), as TensorFlow's fused batch normalisation has it, with which the
 * published figures were made; the batch itself is normalised with the biased one.
 */
export class BatchNormalization extends StockBatchNormalization {
  constructor(
    args: BatchNormalizationArgs,
    private readonly hints: BatchNormalizationHints = {},
  ) {
    super(args);
  }

  override call(inputs: Tensor | Tensor[], options: CallOptions): Tensor | Tensor[] {
    const { gamma, beta } = this;
    const x = onlyTensor(inputs);
    const lastAxis = this.axis === -1 || this.axis === x.rank - 1;
    const supported = lastAxis && (x.rank === 2 || x.rank === 4);
    if (options.training !== true || !supported || beta === undefined) {
      return super.call(inputs, options);
    }
    return tidy(() => {
      const scale = (gamma?.read() ?? ones([x.shape[x.rank - 1]])) as Tensor1D;
      const offset = beta.read() as Tensor1D;
      const { activation } = this.hints;
      const { y, mean, variance } = batchNormTraining(x, scale, offset, this.epsilon, activation);
      const count = x.size / scale.size;
      const moved = movingMoments(
        { mean: this.movingMean.read(), variance: this.movingVariance.read() },
        { mean, variance },
        // One value has no unbiased variance; its biased one, 0, is kept.
        { momentum: this.momentum, varianceFactor: count / Math.max(1, count - 1) },
      );
      this.movingMean.write(moved.mean);
      this.movingVariance.write(moved.variance);
      return activation === undefined ? y : noteActivated(y);
    });
  }
}
