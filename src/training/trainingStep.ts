import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ImageShape } from '../dataset/descriptor.js';
import { softmaxCrossEntropy } from '../engine/ops/index.js';
import { argMaxRows } from '../evaluation/metrics.js';
import type { NamedWeight } from '../nets/namedWeights.js';

export interface StepResult {
  /** Sum of the images' losses, in nats. */
  lossSum: number;
  correct: number;
  /** Gradients of the sum of losses over --batch-size, times the loss's factor, one a parameter, null where none was wanted; the caller disposes them. */
  gradients: (tf.Tensor | null)[];
}

export interface StepInput {
  /** size × the image shape, as the model takes them. */
  images: Float32Array;
  /** Of these images, where they are smaller than the model's. */
  imageShape?: ImageShape;
  labels: Uint8Array;
  /** Of mixed images: the weight of image i's own label; image n − 1 − i's has the rest. */
  mixing?: { readonly weight: number };
}

/** Computes the gradients of a batch, in parts that fit the backend's memory. */
export class TrainingStep {
  private readonly variables: tf.Variable[];
  private readonly imageShape: ImageShape;
  private readonly classes: number;

  /**
   * @param logitsModel gives logits [n, classes]
   * @param beforePart called before each part with its number within the batch, so that dropout can draw anew
   */
  constructor(
    private readonly logitsModel: LayersModel,
    parameters: readonly NamedWeight[],
    private readonly options: {
      /** Images computed at once. */
      microBatch: number;
      /** What the sum of losses is divided by: images of a whole batch, of which `run` may be given some only. */
      batchSize: number;
      labelSmoothing: number;
      beforePart: (part: number) => void;
    },
  ) {
    this.variables = parameters.map(({ variable }) => variable);
    this.imageShape = logitsModel.inputs[0].shape.slice(1) as [number, number, number];
    this.classes = logitsModel.outputs[0].shape[1] as number;
  }

  /**
   * @param isWanted whether the gradient by the parameter of that index is; what only it needs is not computed
   * @param factor that the loss is multiplied by before its gradients are made
   */
  async run(
    batch: StepInput,
    isWanted: (index: number) => boolean = () => true,
    factor = 1,
  ): Promise<StepResult> {
    const variables = this.variables.filter((_, index) => isWanted(index));
    let result: StepResult | undefined;
    await this.forEachPart(batch, async (start, end) => {
      const part = await this.part(batch, { start, end }, variables, factor);
      result = result === undefined ? part : accumulate(result, part);
    });
    return result ?? { lossSum: 0, correct: 0, gradients: this.variables.map(() => null) };
  }

  /** Each image's loss in training's forward pass, in nats; nothing is updated but batch normalisation's statistics. */
  async losses(batch: StepInput): Promise<Float32Array> {
    const losses = new Float32Array(batch.labels.length);
    await this.forEachPart(batch, async (start, end) => {
      const part = tf.tidy(
        () => this.forward(this.input(batch, start, end), this.targets(batch, start, end)).losses,
      );
      losses.set(await part.data(), start);
      part.dispose();
    });
    return losses;
  }

  /** Calls `compute` for each part of a batch, images start…end. */
  private async forEachPart(
    { labels }: StepInput,
    compute: (start: number, end: number) => Promise<void>,
  ): Promise<void> {
    const { microBatch, beforePart } = this.options;
    for (let start = 0, part = 0; start < labels.length; start += microBatch, part++) {
      beforePart(part);
      await compute(start, Math.min(start + microBatch, labels.length));
    }
  }

  private input({ images, imageShape = this.imageShape }: StepInput, start: number, end: number): tf.Tensor {
    const pixels = imageShape.reduce((product, n) => product * n, 1);
    return tf.tensor(images.subarray(start * pixels, end * pixels), [end - start, ...imageShape]);
  }

  private forward(x: tf.Tensor, y: tf.Tensor2D): ReturnType<typeof softmaxCrossEntropy> {
    const logits = this.logitsModel.apply(x, { training: true }) as tf.Tensor2D;
    return softmaxCrossEntropy(logits, y, this.options.labelSmoothing);
  }

  /** One forward and backward pass over images start…end of a batch; its loss is divided by the whole batch's size. */
  private async part(
    batch: StepInput,
    { start, end }: { start: number; end: number },
    variables: tf.Variable[],
    factor: number,
  ): Promise<StepResult> {
    const x = this.input(batch, start, end);
    const labels = batch.labels.subarray(start, end);
    const y = this.targets(batch, start, end);
    let losses: tf.Tensor | undefined;
    let probabilities: tf.Tensor | undefined;
    const { value, grads } = tf.variableGrads(() => {
      const output = this.forward(x, y);
      losses = tf.keep(output.losses);
      probabilities = tf.keep(output.probabilities);
      return tf.div(tf.sum(output.losses), this.options.batchSize / factor);
    }, variables);
    const kept = [losses, probabilities] as tf.Tensor[];
    const lossSum = sum(await kept[0].data());
    const predicted = argMaxRows(await kept[1].data(), this.classes);
    tf.dispose([x, y, value, ...kept]);
    return {
      lossSum,
      correct: predicted.reduce((count, answer, i) => count + (answer === labels[i] ? 1 : 0), 0),
      gradients: this.variables.map((variable) =>
        variables.includes(variable) ? grads[variable.name] : null,
      ),
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
  const gradients = total.gradients.map((gradient, i) => {
    const other = part.gradients[i];
    return gradient && other && tf.add(gradient, other);
  });
  tf.dispose([total.gradients, part.gradients] as tf.Tensor[][]);
  return { lossSum: total.lossSum + part.lossSum, correct: total.correct + part.correct, gradients };
}
