import { input, layers, model as buildModel } from '@tensorflow/tfjs-layers';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import {
  Activation,
  BatchNormalization,
  type BatchNormalizationHints,
  Conv2D,
  Dense,
  Normalization,
  WholeMaxPooling2D,
} from '../nn/layers/index.js';
import { initializeFast } from './fastInit.js';
import type { NetName } from './names.js';
import { LOGITS, PROBABILITIES } from './stack.js';
import type { BuildOptions } from './stack.js';

/** Name of the first convolution, whose filters are computed from the training images and never trained. */
export const WHITENING = 'whiten';

/** The linear layer's name; its outputs times a constant are the logits. */
export const HEAD = 'head';

const GROUPS = 3;

/** 2×2 patches of three channels: twelve filters and their negations. */
const WHITENING_FILTERS = 24;

export interface FastNet {
  name: NetName;
  /** Filters of the three groups of convolutions. */
  widths: readonly [number, number, number];
  /** Convolutions a group; with three, the last two are bridged by a residual connection. */
  depth: 2 | 3;
  /** Share of the past in the running statistics. */
  normMomentum: number;
  /** Weights for Muon: a head of unit deviation, divided by its inputs, and a random whitening bias. */
  isForMuon: boolean;
  /** In the groups; behind the whitening it is GELU. */
  activation: 'gelu' | 'swish';
}

/** To the four digits that the recipes give. */
const rounded = (values: readonly number[]): number[] => values.map((value) => Number(value.toFixed(4)));

/**
 * The nets of the fast recipes (Keller Jordan, "94 % on CIFAR-10 in 3.29 seconds", 2024): constants normalise the
 * channels, 2×2 patches are whitened, then three groups of 3×3 convolutions (32 → 31 → 15 → 7 → 3), batch normalisation
 * without scales, and GELU or SiLU. The whitening filters start at zero: `setWhitening` gives them.
 */
export function buildFast(net: FastNet, options: BuildOptions): LayersModel {
  const { imageShape, classNames, statistics } = options.dataset;
  const images = input({ shape: [...imageShape], name: 'images' });
  let x = chain(
    images,
    new Normalization('normalize', rounded(statistics.means), rounded(statistics.deviations)),
    new Conv2D(
      {
        name: WHITENING,
        filters: WHITENING_FILTERS,
        kernelSize: 2,
        padding: 'valid',
        kernelInitializer: 'zeros',
      },
      { isPrecise: true, isFilterFrozen: true },
    ),
    new Activation({ name: 'gelu0', activation: 'gelu' }),
  );
  net.widths.forEach((width, group) => {
    x = convGroup(x, net, width, group);
  });
  x = chain(
    x,
    // Over the whole map, which is 3×3 at full size.
    new WholeMaxPooling2D({ name: 'pool4', poolSize: 3, strides: 3 }),
    layers.flatten({ name: 'flatten' }),
    new Dense({ name: HEAD, units: classNames.length, useBias: false, kernelInitializer: 'zeros' }),
    layers.rescaling({ name: LOGITS, scale: net.isForMuon ? 1 / net.widths[2] : 1 / 9, offset: 0 }),
    new Activation({ name: PROBABILITIES, activation: 'softmax' }),
  );
  const model = buildModel({ name: net.name, inputs: images, outputs: x });
  if (options.seed !== null) initializeFast(model, options.seed, net.isForMuon, options.widening);
  return model;
}

/** conv – pool – norm – activation, then conv – norm – activation; with a depth of 3 another conv – norm joined to the first activation. */
function convGroup(input: SymbolicTensor, net: FastNet, width: number, group: number): SymbolicTensor {
  const conv = (number: number, trimsForPool = false): Conv2D =>
    new Conv2D(
      {
        name: `conv${group * net.depth + number}`,
        filters: width,
        kernelSize: 3,
        padding: 'same',
        useBias: false,
        kernelInitializer: 'zeros',
      },
      { trimsForPool },
    );
  const { activation } = net;
  const norm = (number: number, hints: BatchNormalizationHints = { activation }): BatchNormalization =>
    new BatchNormalization(
      {
        name: `norm${group * net.depth + number}`,
        scale: false,
        momentum: net.normMomentum,
        epsilon: 1e-12,
      },
      hints,
    );
  const activate = (number: number): Activation =>
    new Activation({
      name: `${activation === 'gelu' ? 'gelu' : 'silu'}${group * net.depth + number}`,
      activation,
    });
  const pool = layers.maxPooling2d({ name: `pool${group + 1}`, poolSize: 2, strides: 2 });
  const first = chain(input, conv(1, true), pool, norm(1), activate(1));
  const second = chain(first, conv(2), norm(2), activate(2));
  if (net.depth === 2) return second;
  // What is joined to it comes before its activation.
  const third = chain(second, conv(3), norm(3, {}));
  return chain(layers.add({ name: `join${group + 1}` }).apply([third, first]) as SymbolicTensor, activate(3));
}

/**
 * The first group of a fast net, with the whitening before it.
 * @returns the names of its layers, and of the convolution that reads it
 */
export function firstGroup(model: LayersModel): {
  layers: ReadonlySet<string>;
  after: ReadonlySet<string>;
} {
  const names = model.layers.map(({ name }) => name);
  const depth = names.filter((name) => /^conv\d+$/.test(name)).length / GROUPS;
  const numbers = Array.from({ length: depth }, (_, i) => i + 1);
  return {
    layers: new Set([WHITENING, ...numbers.flatMap((number) => [`conv${number}`, `norm${number}`])]),
    after: new Set([`conv${depth + 1}`]),
  };
}

function chain(x: SymbolicTensor, ...steps: layers.Layer[]): SymbolicTensor {
  return steps.reduce((input, layer) => layer.apply(input) as SymbolicTensor, x);
}
