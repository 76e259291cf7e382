import { pathToFileURL } from 'node:url';
import * as tfCore from '@tensorflow/tfjs-core';
import * as tfLayers from '@tensorflow/tfjs-layers';
import { type LayersModel, type layers } from '@tensorflow/tfjs-layers';
import {
  Activation,
  BatchNormalization,
  Conv2D,
  Dense,
  Dropout,
  type DropoutState,
  GlobalAveragePooling2D,
} from '../nn/layers/index.js';
import { CifarError, messageOf } from '../util/errors.js';
import { Rng, STREAM } from '../util/rng.js';
import { shown } from '../util/text.js';
import { activationName } from './activationName.js';
import { PROBABILITIES, type BuildOptions } from './stack.js';

/** What a network of one's own is built with. */
export interface OwnNetContext {
  /** tfjs: the functions of tfjs-core and of tfjs-layers. */
  tf: Omit<typeof tfCore, 'default'> & Omit<typeof tfLayers, 'default'>;
  /** Height, width and channels. */
  imageShape: readonly [number, number, number];
  classes: number;
  /** The run's. Weights drawn without a seed follow from it, too. */
  seed: number;
}

/** The default export of a module that `--model` names: a model of tfjs's stock layers, images from 0 to 1 → logits or probabilities. */
export type BuildOwnNet = (context: OwnNetContext) => LayersModel | Promise<LayersModel>;

/** Layers whose random numbers nothing names: a run that goes on would draw others. */
const UNREPEATABLE = ['AlphaDropout', 'GaussianDropout', 'GaussianNoise', 'SpatialDropout1D'];

/**
 * Loads a module, unless the function itself is given, and builds the network that its default export makes, from layers that train fast here and in which all that is
 * random can be repeated. A softmax at its end becomes a layer of its own, since training takes the logits before it.
 * @throws CifarError naming the file, what was expected of it and what came
 */
export async function buildOwnNet(
  source: string | BuildOwnNet,
  { seed, dataset, dropout }: BuildOptions,
): Promise<LayersModel> {
  const name = typeof source === 'string' ? `--model ${source}` : 'The function that builds the network';
  const refuse = (reason: string, cause?: unknown): CifarError =>
    new CifarError(`${name}: ${reason}.`, { cause });
  const build = typeof source === 'string' ? await builderOf(source, refuse) : source;
  const context: OwnNetContext = {
    tf: { ...tfCore, ...tfLayers },
    imageShape: [dataset.imageShape[0], dataset.imageShape[1], dataset.imageShape[2]],
    classes: dataset.classNames.length,
    seed: seed ?? 0,
  };
  const built = await withSeededRandom(seed ?? 0, async () => {
    try {
      return await build(context);
    } catch (error) {
      throw refuse(`it cannot build its network: ${messageOf(error)}`, error);
    }
  });
  checkModel(built, context, refuse);
  try {
    return classifierOf(built, dropout ?? { seed: seed ?? 0, step: 0 });
  } catch (error) {
    if (error instanceof CifarError) throw refuse(error.message, error);
    throw refuse(`its network is not made of tfjs's own layers: ${messageOf(error)}`, error);
  } finally {
    built.dispose();
  }
}

async function builderOf(
  path: string,
  refuse: (reason: string, cause?: unknown) => CifarError,
): Promise<BuildOwnNet> {
  let module: { default?: unknown };
  try {
    module = (await import(pathToFileURL(path).href)) as { default?: unknown };
  } catch (error) {
    throw refuse(`the module cannot be loaded: ${messageOf(error)}`, error);
  }
  if (typeof module.default === 'function') return module.default as BuildOwnNet;
  throw refuse(
    `expected a module whose default export is a function ({ tf, imageShape, classes, seed }) → model, got ${shown(typeof module.default)}`,
  );
}

/** tfjs draws weights that have no seed by Math.random: for as long as the network is built, that is the run's own. */
async function withSeededRandom<T>(seed: number, work: () => Promise<T>): Promise<T> {
  const { random } = Math;
  const rng = new Rng(seed, STREAM.initialWeights);
  Math.random = () => rng.next();
  try {
    return await work();
  } finally {
    Math.random = random;
  }
}

function checkModel(
  model: unknown,
  { imageShape, classes }: OwnNetContext,
  refuse: (reason: string) => CifarError,
): asserts model is LayersModel {
  if (!(model instanceof tfLayers.LayersModel)) {
    throw refuse(`expected that it gives a model of tf.sequential or tf.model, got ${shown(typeof model)}`);
  }
  const taken = model.inputs.map(({ shape }) => shape.slice(1).join('×'));
  if (taken.length !== 1 || taken[0] !== imageShape.join('×')) {
    throw refuse(`expected one input of ${imageShape.join('×')}, got ${taken.join(' and ')}`);
  }
  const given = model.outputs.map(({ shape }) => shape.slice(1).join('×'));
  if (given.length !== 1 || given[0] !== String(classes)) {
    throw refuse(`expected one output of ${classes} classes, got ${given.join(' and ')}`);
  }
  const nested = model.layers.find((layer) => layer instanceof tfLayers.LayersModel);
  if (nested !== undefined) {
    throw refuse(`its layer ${nested.name} is a model in the model: give its layers one by one`);
  }
  const stray = model.layers.find((layer) => UNREPEATABLE.includes(layer.getClassName()));
  if (stray !== undefined) {
    throw refuse(
      `its layer ${stray.name} (${stray.getClassName()}) draws random numbers that a run which goes on could not draw again; Dropout can`,
    );
  }
}

/** A class and how it is made from a configuration, as tfjs-layers takes them in place of its own. */
type Substitute = [unknown, (cls: unknown, config: never) => layers.Layer];

/**
 * The same model with the layers of this program in place of the stock ones that they compute as, lasting names, and a softmax in
 * a layer of its own at its end: one that gives logits gets one.
 * @throws CifarError when it ends in another activation
 */
export function classifierOf(built: LayersModel, dropout: DropoutState): LayersModel {
  let dropouts = 0;
  const substitutes: Record<string, Substitute> = {
    Activation: [Activation, (_cls, config) => new Activation(config)],
    BatchNormalization: [BatchNormalization, (_cls, config) => new BatchNormalization(config)],
    Conv2D: [Conv2D, (_cls, config) => new Conv2D(config)],
    Dense: [Dense, (_cls, config) => new Dense(config)],
    Dropout: [Dropout, (_cls, config) => new Dropout(config, dropout, dropouts++)],
    GlobalAveragePooling2D: [GlobalAveragePooling2D, (_cls, config) => new GlobalAveragePooling2D(config)],
  };
  const isSequential = built instanceof tfLayers.Sequential;
  const config = withSoftmaxApart(withLastingNames(built.getConfig() as never));
  const from = (isSequential ? tfLayers.Sequential : tfLayers.LayersModel) as unknown as {
    fromConfig(cls: unknown, config: unknown, customObjects?: unknown): LayersModel;
  };
  const model = isSequential
    ? from.fromConfig(from, config, substitutes)
    : from.fromConfig(from, { ...config, customObjects: substitutes });
  model.setWeights(built.getWeights());
  return model;
}

interface LayerConfig {
  className: string;
  config: { name: string; [setting: string]: unknown };
  name?: string;
  /** By call, by input: the layer's name, and which of its calls and outputs. */
  inboundNodes?: [string, ...unknown[]][][];
}

interface ModelConfig {
  name: string;
  layers: LayerConfig[];
  inputLayers?: [string, number, number][];
  /** Of a model that is no sequence. */
  outputLayers?: [string, number, number][];
}

/** As tfjs names layers and models itself: by a number that counts all that the process has built. */
const COUNTED = /^([a-z]\w*?)(_[A-Z]\w*?)?\d+$/;

/** A configuration in which names do not depend on what else the process has built. */
function withLastingNames(config: ModelConfig): ModelConfig {
  const numbers = new Map<string, number>();
  const names = new Map<string, string>();
  const taken = new Set(config.layers.map((layer) => layer.config.name));
  for (const {
    className,
    config: { name },
  } of config.layers) {
    const kind = COUNTED.exec(name)?.[2] === `_${className}` ? className.toLowerCase() : undefined;
    if (kind === undefined) continue;
    let lasting: string;
    do {
      const number = (numbers.get(kind) ?? 0) + 1;
      numbers.set(kind, number);
      lasting = `${kind}${number}`;
    } while (taken.has(lasting));
    names.set(name, lasting);
  }
  const renamed = (name: string): string => names.get(name) ?? name;
  const ends = (of: [string, number, number][]): [string, number, number][] =>
    of.map(([name, ...rest]) => [renamed(name), ...rest]);
  const { inputLayers, outputLayers } = config;
  return {
    ...config,
    name: 'network',
    layers: config.layers.map((layer) => ({
      ...layer,
      ...(layer.name !== undefined && { name: renamed(layer.name) }),
      config: { ...layer.config, name: renamed(layer.config.name) },
      ...(layer.inboundNodes && {
        inboundNodes: layer.inboundNodes.map((inputs) =>
          inputs.map(([name, ...rest]): [string, ...unknown[]] => [renamed(name), ...rest]),
        ),
      }),
    })),
    ...(inputLayers && { inputLayers: ends(inputLayers) }),
    ...(outputLayers && { outputLayers: ends(outputLayers) }),
  };
}

/** A model's configuration in which a softmax is not the activation of a layer with weights. */
function withSoftmaxApart(config: ModelConfig): ModelConfig {
  const output = config.outputLayers?.[0];
  const last =
    output === undefined ? config.layers.at(-1) : config.layers.find(({ name }) => name === output[0]);
  if (last === undefined || last.className === 'Softmax') return config;
  const activation = activationName(last.config);
  if (activation !== 'linear' && activation !== 'softmax') {
    throw new CifarError(
      `the last layer of the network, ${last.config.name}, has the activation ${activation}; expected softmax, or none where it gives logits`,
    );
  }
  if (last.className === 'Activation' && activation === 'softmax') return config;
  // Without an activation it gives logits, and their softmax is what a saved model is to give.
  const plain = { ...last, config: { ...last.config, activation: 'linear' } };
  const softmax: LayerConfig = {
    className: 'Activation',
    config: { name: PROBABILITIES, activation: 'softmax' },
  };
  const others = config.layers.map((layer) => (layer === last ? plain : layer));
  if (output === undefined) return { ...config, layers: [...others, softmax] };
  const node: [string, ...unknown[]][][] = [[[output[0], output[1], output[2], {}]]];
  return {
    ...config,
    layers: [...others, { ...softmax, name: PROBABILITIES, inboundNodes: node }],
    outputLayers: [[PROBABILITIES, 0, 0]],
  };
}
