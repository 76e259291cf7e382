import { resolveTrainConfig } from '../../src/config/resolveTrainConfig.js';
import type { TrainConfig } from '../../src/config/trainOptions.js';
import { CIFAR10 } from '../../src/dataset/cifar10.js';
import type { Batch, BatchSource } from '../../src/dataset/batches/index.js';
import { allocateImageSet, type ImageSet } from '../../src/dataset/imageSet.js';
import type { RecipeName } from '../../src/config/recipeNames.js';
import type { NetName } from '../../src/nets/index.js';
import type { WeightAverage } from '../../src/nn/averaging/weightAverage.js';
import type { Optimizer } from '../../src/nn/optimizers/optimizer.js';
import { FiniteWatch } from '../../src/training/finiteWatch.js';
import { HardImages, TRAINED_EVERY } from '../../src/training/hardImages.js';
import { LearningRates } from '../../src/training/learningRates.js';
import { trainingBatches } from '../../src/training/data.js';
import { createAverage, createOptimizer } from '../../src/training/optimizer.js';
import { totalSteps } from '../../src/training/position.js';
import { trainNet, type TrainNet } from '../../src/training/trainNet.js';
import { type StepInput, TrainingStep } from '../../src/training/trainingStep.js';
import { update } from '../../src/training/update.js';
import { permutation, Rng } from '../../src/util/rng.js';
import { isRecipe } from './recipeNamed.js';

/** As many as CIFAR-10 has to train on: caches see what they see in training. */
const imageCount = 50_000;

/** Random pixels and classes: they cost what real ones do. */
export function randomImages(): ImageSet {
  const set = allocateImageSet(CIFAR10, imageCount);
  const rng = new Rng(1);
  const words = new Uint32Array(set.images.buffer);
  for (let i = 0; i < words.length; i++) words[i] = rng.uint32();
  for (let i = 0; i < set.count; i++) set.labels[i] = rng.int(10);
  return set;
}

/**
 * Trains as `cifar train` does, on the current backend, for measurements of speed and memory: a recipe as it stands, on all images of a batch (`step`)
 * or, as that recipe has it, on the hard ones (`recipeSteps`); any other net with Adam at 0.0001 under `normal` augmentation.
 */
export class Trainer {
  readonly #rates: LearningRates;
  readonly #optimizer: Optimizer;
  readonly #average: WeightAverage | undefined;
  readonly #step: TrainingStep;
  readonly #watch = new FiniteWatch();
  #hardImages: HardImages | undefined;
  /** As after the epochs in which the bias of whitening learns: a recipe's last steps, and most of them, are so. */
  #steps: number;
  /** Of the whole training. */
  readonly #updates: number;

  /** @param images of which nets with whitening compute their filters */
  static async create(what: NetName | RecipeName, batchSize: number, images: ImageSet): Promise<Trainer> {
    const config = isRecipe(what)
      ? resolveTrainConfig({ recipe: what, batchSize })
      : resolveTrainConfig({ model: what, batchSize, augment: 'normal', learningRate: 1e-4 });
    return new Trainer(config, await trainNet(config, images), images);
  }

  private constructor(
    readonly config: TrainConfig,
    readonly net: TrainNet,
    private readonly images: ImageSet,
  ) {
    const { batchSize } = config;
    const stepsPerEpoch = Math.floor(images.count / batchSize);
    this.#steps = Math.ceil(this.config.whiteningEpochs * stepsPerEpoch);
    this.#rates = new LearningRates(this.config, stepsPerEpoch);
    this.#updates = totalSteps(this.config.epochs, stepsPerEpoch);
    this.#optimizer = createOptimizer(this.config, this.net.weights, this.#updates);
    this.#average = createAverage(this.config, this.net.weights, stepsPerEpoch);
    this.#step = new TrainingStep(this.net.logits, this.net.parameters, {
      microBatch: batchSize,
      batchSize,
      labelSmoothing: this.config.labelSmoothing,
      beforePart: () => {
        this.net.dropout.step = this.#steps;
      },
    });
  }

  /** One update. @returns the batch's mean loss, in nats */
  async step(batch: StepInput): Promise<number> {
    const trainee = {
      ...{ step: this.#step, parameters: this.net.parameters, optimizer: this.#optimizer },
      watch: this.#watch,
    };
    const done = this.#steps++;
    const { lossSum } = await update(trainee, batch, ({ role }) => this.#rates.of(role, done), done);
    this.#average?.afterStep(this.#steps, 1000);
    return lossSum / batch.labels.length;
  }

  /**
   * Updates as the recipe makes them, which cost the same again and again: with a proxy that picks images, from one at which it is trained to the next.
   * @returns their number
   */
  async recipeSteps(batch: StepInput): Promise<number> {
    if (this.config.hardShare === 1) {
      await this.step(batch);
      return 1;
    }
    this.#hardImages ??= await HardImages.create(this.config, this.images, this.#updates);
    const microBatch = this.config.batchSize;
    for (let i = 0; i < TRAINED_EVERY; i++) {
      await this.step(await this.#hardImages.pick(batch, this.#steps, this.#rates, { microBatch }));
    }
    return TRAINED_EVERY;
  }
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
