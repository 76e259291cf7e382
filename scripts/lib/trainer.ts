import { resolveTrainConfig } from '../../src/config/resolveTrainConfig.js';
import type { TrainConfig } from '../../src/config/trainOptions.js';
import type { Batch, BatchSource } from '../../src/dataset/batches/index.js';
import { allocateImageSet, type ImageSet } from '../../src/dataset/imageSet.js';
import { RECIPE_NAMES, type RecipeName } from '../../src/config/recipeNames.js';
import type { NetName } from '../../src/nets/index.js';
import type { WeightAverage } from '../../src/nn/averaging/weightAverage.js';
import type { Optimizer } from '../../src/nn/optimizers/optimizer.js';
import { LearningRates } from '../../src/pipeline/learningRates.js';
import type { NamedWeight } from '../../src/pipeline/parameters.js';
import {
  createAverage,
  createOptimizer,
  trainingBatches,
  trainNet,
  type TrainNet,
} from '../../src/pipeline/trainSetup.js';
import { type StepInput, TrainingStep } from '../../src/pipeline/trainingStep.js';
import { update } from '../../src/pipeline/update.js';
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

/**
 * Trains as `cifar train` does, on the current backend, for measurements of speed and memory: a recipe as it stands but on all
 * images of a batch, without a proxy that picks the hard ones; any other net with Adam at 0.0001 under `normal` augmentation.
 */
export class Trainer {
  readonly net: TrainNet;
  readonly config: TrainConfig;
  readonly #parameters: readonly NamedWeight[];
  readonly #rates: LearningRates;
  readonly #optimizer: Optimizer;
  readonly #average: WeightAverage | undefined;
  readonly #step: TrainingStep;
  /** As after the epochs in which the bias of whitening learns: a recipe's last steps, and most of them, are so. */
  #steps: number;

  /** @param images of which nets with whitening compute their filters */
  constructor(what: NetName | RecipeName, batchSize: number, images: ImageSet) {
    this.config = isRecipe(what)
      ? resolveTrainConfig({ recipe: what, batchSize })
      : resolveTrainConfig({ model: what, batchSize, augment: 'normal', learningRate: 1e-4 });
    this.net = trainNet(this.config, images);
    this.#parameters = this.net.weights.filter(({ trainable }) => trainable);
    const stepsPerEpoch = Math.floor(images.count / batchSize);
    this.#steps = Math.ceil(this.config.whiteningEpochs * stepsPerEpoch);
    this.#rates = new LearningRates(this.config, stepsPerEpoch);
    this.#optimizer = createOptimizer(this.config, this.net.weights);
    this.#average = createAverage(this.config, this.net.weights);
    this.#step = new TrainingStep(this.net.logits, this.#parameters, {
      microBatch: batchSize,
      batchSize,
      labelSmoothing: this.config.labelSmoothing,
      beforePart: () => {
        this.net.dropout.step = this.#steps;
      },
    });
  }

  /** One update. @returns the batch's mean loss, in nats */
  step(batch: StepInput): number {
    const trainee = { step: this.#step, parameters: this.#parameters, optimizer: this.#optimizer };
    const done = this.#steps++;
    const { lossSum } = update(trainee, batch, (role) => this.#rates.of(role, done), done);
    this.#average?.afterStep(this.#steps, 1000);
    return lossSum / batch.labels.length;
  }
}

function isRecipe(name: NetName | RecipeName): name is RecipeName {
  return (RECIPE_NAMES as readonly string[]).includes(name);
}

/** Batches without end, shuffled and augmented by threads, as `cifar train` has them by default. */
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
