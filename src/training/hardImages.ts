import type { TrainConfig } from '../config/trainOptions.js';
import type { ImageSet } from '../dataset/imageSet.js';
import type { Optimizer } from '../nn/optimizers/optimizer.js';
import { DivergedError } from '../evaluation/diverged.js';
import { smallest } from '../util/smallest.js';
import { proxyOf } from './hardShare.js';
import { FiniteWatch } from './finiteWatch.js';
import type { LossScale } from './lossScale.js';
import type { LearningRates } from './learningRates.js';
import { trainedImages } from './position.js';
import type { NamedWeight } from '../nets/namedWeights.js';
import { createOptimizer } from './optimizer.js';
import { type TrainNet, trainNet } from './trainNet.js';
import { type StepInput, TrainingStep } from './trainingStep.js';
import type { Stretch } from './stretches.js';
import { update } from './update.js';

/** The proxy is trained at the first of so many steps. */
export const TRAINED_EVERY = 4;

/** What a proxy does in updates `from` to `to` of the run's net. */
interface ProxyWork {
  from: number;
  to: number;
  /** Images of a batch, at which it looks, and those of them that are trained on. */
  looksAt: number;
  trainsOn: number;
  /** Floating-point operations for an image, forward. */
  flops: number;
}

/** Floating-point operations of a proxy. */
export function proxyFlops({ from, to, looksAt, trainsOn, flops }: ProxyWork): number {
  const trained = Math.ceil(to / TRAINED_EVERY) - Math.ceil(from / TRAINED_EVERY);
  return flops * ((to - from) * looksAt + 3 * trained * trainsOn);
}

/**
 * Picks the images of a batch that a run trains on: those on which a small net, the proxy, has the largest loss. The proxy
 * is trained beside the run's net, by the same optimizer and rates, on every fourth batch's picked images. (Jordan's
 * airbench96_faster of 2024 trains its proxy before the net, on the same batches.)
 */
export class HardImages {
  /** The proxy's, which a checkpoint must hold. */
  readonly weights: readonly NamedWeight[];
  readonly optimizer: Optimizer;
  private readonly count: number;
  private readonly watch = new FiniteWatch();

  private constructor(
    private readonly config: TrainConfig,
    private readonly net: TrainNet,
    updates: number,
  ) {
    this.weights = net.weights;
    this.optimizer = createOptimizer(config, this.weights, Math.ceil(updates / TRAINED_EVERY));
    this.count = trainedImages(config);
  }

  /**
   * @param config that checkHardShare lets pass
   * @param images the training images, for nets whose first filters are computed from them
   * @param updates of the run's net in the whole training
   */
  static async create(config: TrainConfig, images: ImageSet, updates: number): Promise<HardImages> {
    return new HardImages(
      config,
      await trainNet({ ...config, model: proxyOf(config), freezeAt: 0, widening: 'random' }, images),
      updates,
    );
  }

  /** Floating-point operations that the proxy has cost in updates of the run's net. */
  flops(made: readonly Stretch[]): number {
    const work = { looksAt: this.config.batchSize, trainsOn: this.count };
    return made.reduce(
      (sum, { from, to, side }) => sum + proxyFlops({ from, to, ...work, flops: this.net.flopsAt(side) }),
      0,
    );
  }

  /**
   * The images to train on, in the batch's order.
   * @param batch of --batch-size images
   * @param updates number of updates of the run's net before, 0-based
   * @param microBatch images computed at once
   * @param lossScale of the proxy, where its gradients lie in 16 bits
   * @throws DivergedError when a loss of the proxy is not finite
   */
  async pick(
    batch: StepInput,
    updates: number,
    rates: LearningRates,
    { microBatch, lossScale }: { microBatch: number; lossScale?: LossScale | undefined },
  ): Promise<StepInput> {
    const { batchSize, labelSmoothing } = this.config;
    const parts = Math.ceil(batchSize / microBatch);
    // The first of an update's two passes ranks, the second trains: a proxy with dropout draws anew for each.
    let pass = 0;
    const step = new TrainingStep(this.net.logits, this.net.parameters, {
      ...{ microBatch, batchSize, labelSmoothing },
      beforePart: (part) => {
        this.net.dropout.step = (2 * updates + pass) * parts + part;
      },
    });
    const losses = await step.losses(batch);
    const stray = losses.find((loss) => !Number.isFinite(loss));
    if (stray !== undefined) {
      throw new DivergedError(
        `A loss of the proxy, which picks the images of --hard-share, became ${stray} at step ${updates + 1}: it diverged. ` +
          'Try another --proxy, or a lower --learning-rate.',
      );
    }
    const hardest = smallest(
      losses.map((loss) => -loss),
      this.count,
    );
    const picked = gather(batch, hardest);
    if (updates % TRAINED_EVERY === 0) {
      pass = 1;
      await update(
        { step, parameters: this.net.parameters, optimizer: this.optimizer, watch: this.watch, lossScale },
        picked,
        ({ role }) => rates.of(role, updates),
        updates / TRAINED_EVERY,
      );
    }
    return picked;
  }

  dispose(): void {
    this.watch.dispose();
    this.optimizer.dispose();
    this.net.model.dispose();
  }
}

function gather({ images, labels, imageShape }: StepInput, places: Uint32Array): StepInput {
  const pixels = images.length / labels.length;
  const gathered = new Float32Array(places.length * pixels);
  places.forEach((place, i) => {
    gathered.set(images.subarray(place * pixels, (place + 1) * pixels), i * pixels);
  });
  return {
    images: gathered,
    labels: Uint8Array.from(places, (place) => labels[place]),
    ...(imageShape && { imageShape }),
  };
}
