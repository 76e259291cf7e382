import type { layers as tfLayers } from '@tensorflow/tfjs-layers';
import { activationName } from '../../nets/activationName.js';
import { CifarError } from '../../util/errors.js';
import { isObject } from '../../util/isObject.js';
import { shown } from '../../util/text.js';
import { type KerasLayer, nameOf } from './kerasFile.js';

/** Activations that are the same in Keras 2, Keras 3 and tfjs, by Keras's names, and what tfjs calls them. */
const ACTIVATIONS: Readonly<Record<string, string>> = {
  ...{
    elu: 'elu',
    gelu: 'gelu',
    linear: 'linear',
    relu: 'relu',
    relu6: 'relu6',
    selu: 'selu',
    sigmoid: 'sigmoid',
  },
  ...{
    silu: 'swish',
    softmax: 'softmax',
    softplus: 'softplus',
    softsign: 'softsign',
    swish: 'swish',
    tanh: 'tanh',
  },
};

/** A setting's value as tfjs takes it. @throws Error saying what was expected */
type Take = (value: unknown) => unknown;

const any: Take = (value) => value;
const only =
  (...allowed: unknown[]): Take =>
  (value) => {
    if (allowed.some((one) => JSON.stringify(one) === JSON.stringify(value))) return undefined;
    throw new Error(`expected ${allowed.map((one) => shown(one)).join(' or ')}`);
  };
const activation: Take = (value) => {
  // Keras 3 may write a function of its own as an object.
  const name = isObject(value) && value.class_name === 'function' ? value.config : (value ?? 'linear');
  if (typeof name === 'string' && Object.hasOwn(ACTIVATIONS, name)) return ACTIVATIONS[name];
  throw new Error(`expected one of ${Object.keys(ACTIVATIONS).join(', ')}`);
};
const axes: Take = (value) => (Array.isArray(value) && value.length === 1 ? (value as unknown[])[0] : value);

const WINDOW = { padding: any, strides: any, data_format: only('channels_last', null) };
const FILTERS = {
  ...WINDOW,
  kernel_size: any,
  dilation_rate: any,
  activation,
  use_bias: any,
  groups: only(1),
};
const POOL = { ...WINDOW, pool_size: any };
const GLOBAL = { data_format: only('channels_last', null), keepdims: only(false) };
const NOTHING = {};

/** The layers that are known, and their settings: what is taken over, and what must be as it is by default. */
const LAYERS: Readonly<Record<string, Readonly<Record<string, Take>>>> = {
  Activation: { activation },
  Add: NOTHING,
  Average: NOTHING,
  AveragePooling2D: POOL,
  BatchNormalization: {
    ...{ axis: axes, momentum: any, epsilon: any, center: any, scale: any },
    ...{
      renorm: only(false, null),
      renorm_clipping: only(null),
      renorm_momentum: any,
      synchronized: only(false),
      virtual_batch_size: only(null),
    },
  },
  Concatenate: { axis: any },
  Conv2D: { ...FILTERS, filters: any },
  Dense: { units: any, activation, use_bias: any, quantization_config: only(null) },
  DepthwiseConv2D: { ...FILTERS, depth_multiplier: any },
  Dropout: { rate: any, noise_shape: only(null) },
  ELU: { alpha: only(1) },
  Flatten: { data_format: only('channels_last', null) },
  GaussianDropout: { rate: any },
  GaussianNoise: { stddev: any },
  GlobalAveragePooling2D: GLOBAL,
  GlobalMaxPooling2D: GLOBAL,
  InputLayer: { sparse: only(false), ragged: only(false), optional: only(false) },
  LeakyReLU: { alpha: any, negative_slope: any },
  Maximum: NOTHING,
  MaxPooling2D: POOL,
  Multiply: NOTHING,
  ReLU: { max_value: any, negative_slope: only(0, 0.0, null), threshold: only(0, 0.0, null) },
  Rescaling: { scale: any, offset: any },
  Softmax: { axis: any },
  ZeroPadding2D: { padding: any, data_format: only('channels_last', null) },
};

/** Of no effect on answers. */
const IGNORED =
  /^(name|trainable|seed|registered_name|build_config|batch_size|input_dtype|activity_regularizer|\w+_(initializer|regularizer|constraint)|fused|batch_input_shape|batch_shape)$/;

/**
 * A layer's settings as tfjs's loader takes them.
 * @throws CifarError naming the layer and the setting that is not understood
 */
export function settingsOf(layer: KerasLayer): Record<string, unknown> {
  const name = nameOf(layer);
  const refuse = (reason: string): CifarError =>
    new CifarError(`The layer ${name} (${layer.class_name}) cannot be imported: ${reason}.`);
  if (!Object.hasOwn(LAYERS, layer.class_name)) {
    throw refuse(`layers of its kind are not known (known: ${Object.keys(LAYERS).join(', ')})`);
  }
  const known = LAYERS[layer.class_name];
  const settings: Record<string, unknown> = { name };
  for (const [key, value] of Object.entries(layer.config)) {
    if (key === 'dtype') {
      if (dtypeOf(value) !== 'float32') throw refuse(`it computes in ${shown(value)}; expected float32`);
    } else if (Object.hasOwn(known, key)) {
      try {
        const taken = known[key](value);
        if (taken !== undefined) settings[key] = taken;
      } catch (error) {
        throw refuse(`its setting ${key} is ${shown(value)}; ${(error as Error).message}`);
      }
    } else if (!IGNORED.test(key)) {
      throw refuse(`its setting ${key} (${shown(value)}) is not known`);
    }
  }
  // Keras 3's name of it.
  if (layer.class_name === 'LeakyReLU') {
    settings['alpha'] = settings['negative_slope'] ?? settings['alpha'];
    delete settings['negative_slope'];
  }
  const shape = layer.config['batch_shape'] ?? layer.config['batch_input_shape'];
  if (shape !== undefined) settings['batch_input_shape'] = shape;
  return settings;
}

/**
 * The settings of a layer of tfjs's, under Keras's names.
 * @param config the layer's
 * @throws CifarError naming the layer, and the setting of it that is not the same in Keras
 */
export function kerasSettings(
  layer: tfLayers.Layer,
  config: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const className = layer.getClassName();
  const refuse = (reason: string): CifarError =>
    new CifarError(`The layer ${layer.name} (${className}) cannot be written for Keras: ${reason}.`);
  if (!Object.hasOwn(LAYERS, className)) {
    throw refuse(`layers of its kind are not known (known: ${Object.keys(LAYERS).join(', ')})`);
  }
  const settings: Record<string, unknown> = {};
  for (const [key, take] of Object.entries(LAYERS[className])) {
    const value = key === 'activation' ? activationName(config) : inKeras(config[camelCase(key)]);
    if (value === undefined || value === null) continue;
    try {
      // What must be as by default is left out.
      if (take(value) !== undefined) settings[key] = value;
    } catch (error) {
      throw refuse(`its setting ${key} is ${shown(value)}; ${(error as Error).message}`);
    }
  }
  return settings;
}

const camelCase = (name: string): string =>
  name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** tfjs's own words for the order of an image's numbers. */
const inKeras = (value: unknown): unknown =>
  value === 'channelsLast' ? 'channels_last' : value === 'channelsFirst' ? 'channels_first' : value;

/** A number format, by its name or as a policy of Keras 3. */
function dtypeOf(value: unknown): unknown {
  if (isObject(value) && isObject(value.config)) return value.config.name;
  return value ?? 'float32';
}
