import { initializers, layers, sequential } from '@tensorflow/tfjs-layers';
import type { LayersModel, Sequential } from '@tensorflow/tfjs-layers';
import { BatchNormalization, Conv2D, Dense, Dropout, GlobalAveragePooling2D } from '../nn/layers/index.js';
import type { DropoutState } from '../nn/layers/index.js';
import type { Dataset } from '../dataset/descriptor.js';
import { STREAM, hash32 } from '../util/rng.js';

/** The last Dense layer's name; its output is the logits. */
export const LOGITS = 'logits';

/** The softmax layer's name. */
export const PROBABILITIES = 'probabilities';

/** random, or each input channel by a function of the discrete cosine transform. */
export type Widening = 'random' | 'dct';

export interface BuildOptions {
  /**
   * Seed of the initial weights, and of the dropout masks unless `dropout` is given; null leaves out drawing the weights,
   * which takes longer than all else, of a net that is only looked at or gets others.
   */
  seed: number | null;
  /** Decides the shapes of images and answers, and the constants that normalise. */
  dataset: Pick<Dataset, 'imageShape' | 'classNames' | 'statistics'>;
  /** How the filters of a fast net begin that widen, beyond those that pass a channel on; default: random. */
  widening?: Widening;
  /** Shared with the training loop, which moves it on. */
  dropout?: DropoutState;
}

/**
 * Stacks layers from the image to the class probabilities, so that a net reads top to bottom. Layers are named by kind
 * and number (`conv1`, `norm1`, …). Kernels start glorot-uniform, each from its own seed, biases at zero.
 */
export class LayerStack {
  private readonly model: Sequential;
  private readonly counts = new Map<string, number>();
  private readonly dropoutState: DropoutState;
  private kernels = 0;

  constructor(
    name: string,
    private readonly options: BuildOptions,
  ) {
    this.dropoutState = options.dropout ?? { seed: options.seed ?? 0, step: 0 };
    this.model = sequential({ name });
    this.model.add(layers.inputLayer({ inputShape: [...options.dataset.imageShape], name: 'images' }));
  }

  /** 3×3 convolutions with ReLU, padded to keep the size: one for each number of filters. */
  conv(...filters: number[]): this {
    for (const count of filters) {
      this.model.add(
        new Conv2D({
          name: this.nameOf('conv'),
          filters: count,
          kernelSize: 3,
          padding: 'same',
          activation: 'relu',
          ...this.initializers(),
        }),
      );
    }
    return this;
  }

  /** Batch normalisation with Keras's defaults: momentum 0.99, ε 0.001. */
  batchNorm(): this {
    this.model.add(new BatchNormalization({ name: this.nameOf('norm'), momentum: 0.99, epsilon: 1e-3 }));
    return this;
  }

  /** 2×2 maxima: halves rows and columns. */
  maxPool(): this {
    this.model.add(layers.maxPooling2d({ name: this.nameOf('pool'), poolSize: 2, strides: 2 }));
    return this;
  }

  /** @param rate share of the values dropped in training, in [0, 1) */
  dropout(rate: number): this {
    const name = this.nameOf('drop');
    this.model.add(new Dropout({ name, rate }, this.dropoutState, this.counts.get('drop') ?? 0));
    return this;
  }

  /** Mean over the positions: [N, H, W, C] → [N, C]. */
  globalAveragePool(): this {
    this.model.add(new GlobalAveragePooling2D({ name: this.nameOf('average') }));
    return this;
  }

  /** A dense layer with ReLU. */
  dense(units: number): this {
    const name = this.nameOf('dense');
    this.model.add(new Dense({ name, units, activation: 'relu', ...this.initializers() }));
    return this;
  }

  /** The end of a net: logits, and their softmax in a layer of its own. */
  classify(): LayersModel {
    this.model.add(
      new Dense({ name: LOGITS, units: this.options.dataset.classNames.length, ...this.initializers() }),
    );
    this.model.add(layers.activation({ name: PROBABILITIES, activation: 'softmax' }));
    return this.model;
  }

  private nameOf(kind: string): string {
    const count = (this.counts.get(kind) ?? 0) + 1;
    this.counts.set(kind, count);
    return `${kind}${count}`;
  }

  private initializers() {
    const { seed } = this.options;
    const stream = this.kernels++;
    return {
      kernelInitializer:
        seed === null
          ? initializers.zeros()
          : initializers.glorotUniform({ seed: hash32(seed, STREAM.initialWeights, stream) }),
      biasInitializer: 'zeros' as const,
    };
  }
}
