import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { softmaxCrossEntropy } from '../engine/ops/index.js';
import { argMaxRows } from './metrics.js';
import type { NamedWeight } from './parameters.js';

export interface StepResult {
  /** Sum of the images' losses, in nats. */
  lossSum: number;
  correct: number;
  /** Gradient of the batch's mean loss, one a parameter; the caller disposes them. */
  gradients: tf.Tensor[];
}

export interface StepInput {
  /** size × 32 × 32 × 3, as the model takes them. */
  images: Float32Array;
  labels: Uint8Array;
}

/** Computes the gradients of a batch, in parts that fit the backend's memory. */
export class TrainingStep {
  private readonly variables: tf.Variable[];
  private readonly imageShape: number[];
  private readonly classes: number;

  /**
   * @param logitsModel gives logits [n, classes]
   * @param beforePart called before each part with its number within the batch, so that dropout can draw anew
   */
  constructor(
    private readonly logitsModel: LayersModel,
    parameters: readonly NamedWeight[],
    private readonly options: {
      microBatch: number;
      labelSmoothing: number;
      beforePart: (part: number) => void;
    },
  ) {
    this.variables = parameters.map(({ variable }) => variable);
    this.imageShape = logitsModel.inputs[0].shape.slice(1) as number[];
    this.classes = logitsModel.outputs[0].shape[1] as number;
  }

  run(batch: StepInput): StepResult {
    const size = batch.labels.length;
    const { microBatch } = this.options;
    const pixels = this.imageShape.reduce((product, n) => product * n, 1);
    let result: StepResult | undefined;
    for (let start = 0, part = 0; start < size; start += microBatch, part++) {
      const end = Math.min(start + microBatch, size);
      this.options.beforePart(part);
      const partial = this.part(
        batch.images.subarray(start * pixels, end * pixels),
        batch.labels.subarray(start, end),
        size,
      );
      result = result === undefined ? partial : accumulate(result, partial);
    }
    return result ?? { lossSum: 0, correct: 0, gradients: [] };
  }

  /** One forward and backward pass; its loss is divided by the size of the whole batch. */
  private part(images: Float32Array, labels: Uint8Array, batchSize: number): StepResult {
    const x = tf.tensor(images, [labels.length, ...this.imageShape]);
    const y = tf.oneHot(tf.tensor1d(labels, 'int32'), this.classes);
    let losses: tf.Tensor | undefined;
    let probabilities: tf.Tensor | undefined;
    const { value, grads } = tf.variableGrads(() => {
      const logits = this.logitsModel.apply(x, { training: true }) as tf.Tensor2D;
      const output = softmaxCrossEntropy(logits, y as tf.Tensor2D, this.options.labelSmoothing);
      losses = tf.keep(output.losses);
      probabilities = tf.keep(output.probabilities);
      return tf.div(tf.sum(output.losses), batchSize);
    }, this.variables);
    const kept = [losses, probabilities] as tf.Tensor[];
    const lossSum = sum(kept[0].dataSync());
    const predicted = argMaxRows(kept[1].dataSync(), this.classes);
    tf.dispose([x, y, value, ...kept]);
    return {
      lossSum,
      correct: predicted.reduce((count, answer, i) => count + (answer === labels[i] ? 1 : 0), 0),
      gradients: this.variables.map(({ name }) => grads[name]),
    };
  }
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}

function accumulate(total: StepResult, part: StepResult): StepResult {
  const gradients = total.gradients.map((gradient, i) => tf.add(gradient, part.gradients[i]));
  tf.dispose([total.gradients, part.gradients]);
  return { lossSum: total.lossSum + part.lossSum, correct: total.correct + part.correct, gradients };
}
