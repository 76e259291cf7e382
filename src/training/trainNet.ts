import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { TrainConfig } from '../config/trainOptions.js';
import type { ImageSet } from '../dataset/imageSet.js';
import {
  type BuildOwnNet,
  NETS,
  countFlops,
  firstGroup,
  hasWhitening,
  logitsModel,
  setWhitening,
} from '../nets/index.js';
import { isNetName } from '../nets/names.js';
import { buildOwnNet } from '../nets/ownNet.js';
import { type NamedWeight, namedWeights } from '../nets/namedWeights.js';
import type { DropoutState } from '../nn/layers/index.js';
import { UsageError } from '../util/errors.js';
import type { Stretch } from './stretches.js';

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
  /** Names of the layers of its first group of convolutions, which may be frozen; none where it has no groups. */
  firstGroup: ReadonlySet<string>;
  /** Of one image's training step; a third of it is the forward pass. */
  trainingFlopsAt: (of: Pick<Stretch, 'side' | 'isFrozen'>) => number;
}

/**
 * Builds a network with its first weights.
 * @param train the images that whitening filters are computed from, where the net has them
 * @param network builds one that is a function of the program
 * @throws UsageError when whitening is given epochs and the net has none, unless a recipe brings them along; when a group is to be frozen and it has none
 */
export async function trainNet(
  { model: name, seed, whiteningEpochs, freezeAt, widening, recipe }: TrainConfig,
  train: ImageSet,
  network?: BuildOwnNet,
): Promise<TrainNet> {
  const dropout: DropoutState = { seed, step: 0 };
  const build = { seed, dropout, dataset: train.dataset, widening };
  const model = isNetName(name) ? NETS[name].build(build) : await buildOwnNet(network ?? name, build);
  if (hasWhitening(model)) await setWhitening(model, train.images);
  else if (whiteningEpochs > 0 && recipe === 'none') {
    throw new UsageError(
      `--whitening-epochs has no effect with --model ${name}, which has no whitening convolution: leave one out.`,
    );
  }
  const weights = namedWeights(model);
  const group = hasWhitening(model) ? firstGroup(model) : undefined;
  if (freezeAt > 0 && group === undefined) {
    throw new UsageError(
      `--freeze-at has no effect with --model ${name}, whose convolutions are in no groups: leave one out.`,
    );
  }
  if (widening !== 'random' && group === undefined) {
    throw new UsageError(`--widening has no effect with --model ${name}: it is for fast networks.`);
  }
  const [, , , channels] = model.inputs[0].shape;
  const flopsOf = (side: number | undefined, layers?: ReadonlySet<string>): number =>
    countFlops(model, side === undefined ? undefined : [side, side, channels ?? 3], layers);
  const flopsAt = remembered((side) => flopsOf(side));
  const notComputed = remembered((side) =>
    group === undefined ? 0 : 2 * flopsOf(side, group.layers) + flopsOf(side, group.after),
  );
  return {
    model,
    logits: logitsModel(model),
    weights,
    parameters: weights.filter(({ trainable }) => trainable),
    dropout,
    flopsAt,
    firstGroup: group?.layers ?? new Set(),
    trainingFlopsAt: ({ side, isFrozen }) => 3 * flopsAt(side) - (isFrozen ? notComputed(side) : 0),
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
