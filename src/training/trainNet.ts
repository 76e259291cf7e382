import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { TrainConfig } from '../config/trainOptions.js';
import type { ImageSet } from '../dataset/imageSet.js';
import {
  type BuildOwnNet,
  NETS,
  countFlops,
  hasWhitening,
  logitsModel,
  setWhitening,
} from '../nets/index.js';
import { isNetName } from '../nets/names.js';
import { buildOwnNet } from '../nets/ownNet.js';
import { type NamedWeight, namedWeights } from '../nets/namedWeights.js';
import type { DropoutState } from '../nn/layers/index.js';
import { UsageError } from '../util/errors.js';

/** The network to train and what belongs to it. */
export interface TrainNet {
  model: LayersModel;
  logits: LayersModel;
  weights: NamedWeight[];
  /** Those that gradients move. */
  parameters: NamedWeight[];
  dropout: DropoutState;
  /**
   * Floating-point operations of one image's forward pass, multiply and add counted as two.
   * @param side of the image, pixels; default: the data set's own
   */
  flopsAt: (side?: number) => number;
}

/**
 * Builds a network with its first weights.
 * @param train the images that whitening filters are computed from, where the net has them
 * @param network builds one that is a function of the program
 * @throws UsageError when whitening is given epochs and the net has none, unless a recipe brings them along
 */
export async function trainNet(
  { model: name, seed, whiteningEpochs, recipe }: TrainConfig,
  train: ImageSet,
  network?: BuildOwnNet,
): Promise<TrainNet> {
  const dropout: DropoutState = { seed, step: 0 };
  const build = { seed, dropout, dataset: train.dataset };
  const model = isNetName(name) ? NETS[name].build(build) : await buildOwnNet(network ?? name, build);
  if (hasWhitening(model)) await setWhitening(model, train.images);
  else if (whiteningEpochs > 0 && recipe === 'none') {
    throw new UsageError(
      `--whitening-epochs has no effect with --model ${name}, which has no whitening convolution: leave one out.`,
    );
  }
  const weights = namedWeights(model);
  const [, , , channels] = model.inputs[0].shape;
  return {
    model,
    logits: logitsModel(model),
    weights,
    parameters: weights.filter(({ trainable }) => trainable),
    dropout,
    flopsAt: remembered((side) =>
      countFlops(model, side === undefined ? undefined : [side, side, channels ?? 3]),
    ),
  };
}

/** Asked at every step for the time that is left. */
function remembered(count: (side?: number) => number): (side?: number) => number {
  const known = new Map<number | undefined, number>();
  return (side) => {
    const flops = known.get(side) ?? count(side);
    known.set(side, flops);
    return flops;
  };
}
