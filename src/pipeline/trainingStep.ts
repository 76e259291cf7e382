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
  /** Of mixed images: the weight of image i's own label; image n − 1 − i's has the rest. */
  mixing?: { readonly weight: number };
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
      const partial = this.part(batch.images.subarray(start * pixels, end * pixels), batch, start, end);
      result = result === undefined ? partial : accumulate(result, partial);
    }
    return result ?? { lossSum: 0, correct: 0, gradients: [] };
  }

  /** One forward and backward pass over images start…end of a batch; its loss is divided by the whole batch's size. */
  private part(images: Float32Array, batch: StepInput, start: number, end: number): StepResult {
    const x = tf.tensor(images, [end - start, ...this.imageShape]);
    const labels = batch.labels.subarray(start, end);
    const y = this.targets(batch, start, end);
    let losses: tf.Tensor | undefined;
    let probabilities: tf.Tensor | undefined;
    const { value, grads } = tf.variableGrads(() => {
      const logits = this.logitsModel.apply(x, { training: true }) as tf.Tensor2D;
      const output = softmaxCrossEntropy(logits, y, this.options.labelSmoothing);
      losses = tf.keep(output.losses);
      probabilities = tf.keep(output.probabilities);
      return tf.div(tf.sum(output.losses), batch.labels.length);
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

  /** What the images' probabilities should be: [end − start, classes]. */
  private targets({ labels, mixing }: StepInput, start: number, end: number): tf.Tensor2D {
    const own = mixing?.weight ?? 1;
    const targets = new Float32Array((end - start) * this.classes);
    for (let i = start; i < end; i++) {
      const row = (i - start) * this.classes;
      targets[row + labels[i]] += own;
      targets[row + labels[labels.length - 1 - i]] += 1 - own;
    }
    return tf.tensor2d(targets, [end - start, this.classes]);
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
