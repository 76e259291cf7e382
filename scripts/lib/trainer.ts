import * as tf from '@tensorflow/tfjs-core';
import { resolveTrainConfig } from '../../src/config/resolveTrainConfig.js';
import type { TrainConfig } from '../../src/config/trainOptions.js';
import type { Batch, BatchSource } from '../../src/dataset/batches/index.js';
import { allocateImageSet, type ImageSet } from '../../src/dataset/imageSet.js';
import type { NetName } from '../../src/nets/index.js';
import type { Optimizer } from '../../src/nn/optimizers/optimizer.js';
import { createOptimizer, trainingBatches, trainNet, type TrainNet } from '../../src/pipeline/trainSetup.js';
import { type StepInput, TrainingStep } from '../../src/pipeline/trainingStep.js';
import { permutation, Rng } from '../../src/util/rng.js';

/** As many as CIFAR-10 has to train on: caches see what they see in training. */
const imageCount = 50_000;

/** Random pixels and classes: they cost what real ones do. */
export function randomImages(): ImageSet {
  const set = allocateImageSet(imageCount);
  const rng = new Rng(1);
  const words = new Uint32Array(set.images.buffer);
  for (let i = 0; i < words.length; i++) words[i] = rng.uint32();
  for (let i = 0; i < set.count; i++) set.labels[i] = rng.int(10);
  return set;
}

/** Trains a net as `cifar train` does, with Adam at 0.0001, on the current backend: for measurements of speed and memory. */
export class Trainer {
  readonly net: TrainNet;
  readonly config: TrainConfig;
  readonly #parameterCount: number;
  readonly #optimizer: Optimizer;
  readonly #step: TrainingStep;
  #steps = 0;

  /** @param images of which nets with whitening compute their filters */
  constructor(model: NetName, batchSize: number, images: ImageSet) {
    this.config = resolveTrainConfig({ model, batchSize, augment: 'normal', learningRate: 1e-4 });
    this.net = trainNet(this.config, images);
    const parameters = this.net.weights.filter(({ trainable }) => trainable);
    this.#parameterCount = parameters.length;
    this.#optimizer = createOptimizer(this.config, this.net.weights);
    this.#step = new TrainingStep(this.net.logits, parameters, {
      microBatch: batchSize,
      labelSmoothing: this.config.labelSmoothing,
      beforePart: () => {
        this.net.dropout.step = this.#steps;
      },
    });
  }

  /** One update. @returns the batch's mean loss, in nats */
  step(batch: StepInput): number {
    const { lossSum, gradients } = this.#step.run(batch);
    const rates = new Array<number>(this.#parameterCount).fill(this.config.learningRate);
    this.#optimizer.apply(gradients, rates, this.#steps++);
    tf.dispose(gradients);
    return lossSum / batch.labels.length;
  }
}

/** Batches without end, shuffled and augmented `normal`ly by threads, as `cifar train` has them by default. */
export class TrainingBatches {
  readonly #source: BatchSource;
  #epoch = 0;

  constructor(
    private readonly config: TrainConfig,
    private readonly images: ImageSet,
  ) {
    this.#source = trainingBatches(config, images);
  }

  /** Leaving the loop makes the threads stop; they finish the few batches that they have begun. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Batch> {
    for (;;) {
      const order = permutation(this.images.count, new Rng(this.config.seed, this.#epoch));
      yield* this.#source.batches(this.#epoch++, order);
    }
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}
