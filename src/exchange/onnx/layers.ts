import { activationName } from '../../nets/activationName.js';
import { CifarError } from '../../util/errors.js';
import { type Call, type Weight, sizesOf, weightOf } from '../calls.js';
import { ACTIVATIONS } from './activations.js';
import type { GraphBuilder, Value } from './graphBuilder.js';
import type { Attribute } from './onnxModel.js';

type Convert = (graph: GraphBuilder, of: Call, inputs: readonly Value[]) => string;

const refuse = ({ layer }: Call, what: string): never => {
  throw new CifarError(
    `The layer ${layer.name} (${layer.getClassName()}) cannot be written as ONNX: ${what}.`,
  );
};

/** What only training does. */
const unchanged: Convert = (_graph, _of, [{ name }]) => name;

/** What tfjs's layers are in ONNX, by class. Images are [N, C, H, W] within. */
const LAYERS: Readonly<Record<string, Convert>> = {
  Activation: (graph, of, [{ name }]) => activated(graph, of, name, of.layer.name),
  Add: (graph, of, inputs) => folded(graph, 'Add', of, inputs),
  Multiply: (graph, of, inputs) => folded(graph, 'Mul', of, inputs),
  Maximum: (graph, of, inputs) => folded(graph, 'Max', of, inputs),
  AveragePooling2D: (graph, of, [input]) => pool(graph, 'AveragePool', of, input),
  MaxPooling2D: (graph, of, [input]) => pool(graph, 'MaxPool', of, input),
  BatchNormalization: batchNormalization,
  Concatenate: (graph, of, inputs) => {
    const rank = inputs[0].shape.length;
    if (of.config.axis !== -1 && of.config.axis !== rank)
      refuse(of, 'it joins along another axis than the channels');
    return graph.node(
      'Concat',
      of.layer.name,
      inputs.map(({ name }) => name),
      { axis: { integer: 1 } },
    );
  },
  Conv2D: convolution,
  Dense: dense,
  DepthwiseConv2D: depthwise,
  Dropout: unchanged,
  ELU: (graph, of, [{ name }]) =>
    graph.node('Elu', of.layer.name, [name], { alpha: { float: Number(of.config.alpha ?? 1) } }),
  Flatten: (graph, of, [input]) => {
    const isMap = input.shape.length === 3 && input.shape[0] * input.shape[1] > 1;
    // tfjs's order: the channels of a position beside each other.
    const ordered = isMap
      ? graph.node('Transpose', `${of.layer.name}/nhwc`, [input.name], { perm: { integers: [0, 2, 3, 1] } })
      : input.name;
    return graph.node('Flatten', of.layer.name, [ordered], { axis: { integer: 1 } });
  },
  GaussianDropout: unchanged,
  GaussianNoise: unchanged,
  GlobalAveragePooling2D: (graph, of, [{ name }]) => globalPool(graph, 'GlobalAveragePool', of, name),
  GlobalMaxPooling2D: (graph, of, [{ name }]) => globalPool(graph, 'GlobalMaxPool', of, name),
  LeakyReLU: (graph, of, [{ name }]) =>
    graph.node('LeakyRelu', of.layer.name, [name], { alpha: { float: Number(of.config.alpha ?? 0.3) } }),
  ReLU: (graph, of, [{ name }]) => {
    const most = of.config.maxValue;
    if (most === null || most === undefined) return graph.node('Relu', of.layer.name, [name]);
    const bounds = [
      graph.scalar(`${of.layer.name}/min`, 0),
      graph.scalar(`${of.layer.name}/max`, Number(most)),
    ];
    return graph.node('Clip', of.layer.name, [name, ...bounds]);
  },
  Rescaling: (graph, of, [{ name }]) => {
    const scale = graph.scalar(`${of.layer.name}/scale`, Number(of.config.scale));
    const scaled = graph.node('Mul', `${of.layer.name}/scaled`, [name, scale]);
    return graph.node('Add', of.layer.name, [
      scaled,
      graph.scalar(`${of.layer.name}/offset`, Number(of.config.offset)),
    ]);
  },
  Softmax: (graph, of, [{ name, shape }]) => {
    if (of.config.axis !== -1 && of.config.axis !== shape.length)
      refuse(of, 'it is taken along another axis than the last');
    return graph.node('Softmax', of.layer.name, [name], { axis: { integer: 1 } });
  },
  SpatialDropout2D: unchanged,
};

/**
 * Adds a layer to the graph.
 * @returns what it gives
 * @throws CifarError naming the layer and what of it has no counterpart
 */
export function convertLayer(graph: GraphBuilder, of: Call, inputs: readonly Value[]): Value {
  const className = of.layer.getClassName();
  if (!Object.hasOwn(LAYERS, className)) {
    refuse(of, `layers of its kind are not known (known: ${Object.keys(LAYERS).join(', ')})`);
  }
  if (of.config.dataFormat === 'channelsFirst') refuse(of, 'its images have their channels first');
  return { name: LAYERS[className](graph, of, inputs), shape: sizesOf(of.output) };
}

function activated(graph: GraphBuilder, of: Call, input: string, name: string): string {
  const activation = activationName(of.config).replaceAll('_', '').toLowerCase();
  if (!Object.hasOwn(ACTIVATIONS, activation)) refuse(of, `its activation is ${activation}`);
  return ACTIVATIONS[activation](graph, name, input, sizesOf(of.output).length);
}

function folded(graph: GraphBuilder, op: string, of: Call, inputs: readonly Value[]): string {
  if (inputs.some(({ shape }) => shape.join() !== sizesOf(of.output).join()))
    refuse(of, 'its inputs differ in shape');
  const [first, ...others] = inputs;
  return others.reduce(
    (sum, { name }, i) =>
      graph.node(op, i === others.length - 1 ? of.layer.name : `${of.layer.name}/${i}`, [sum, name]),
    first.name,
  );
}

function convolution(graph: GraphBuilder, of: Call, [input]: readonly Value[]): string {
  const { shape, values } = weightOf(of, 'kernel');
  const [height, width, from, to] = shape;
  const filters = {
    shape: [to, from, height, width],
    values: reordered(values, [height * width, from, to], [2, 1, 0]),
  };
  return convolved(graph, of, input, filters, {});
}

function depthwise(graph: GraphBuilder, of: Call, [input]: readonly Value[]): string {
  const { shape, values } = weightOf(of, 'depthwise_kernel');
  const [height, width, channels, multiplier] = shape;
  const filters = {
    shape: [channels * multiplier, 1, height, width],
    values: reordered(values, [height * width, channels, multiplier], [1, 2, 0]),
  };
  return convolved(graph, of, input, filters, { group: { integer: channels } });
}

/** @param filters as ONNX has them: of each output, of each input, rows, columns */
function convolved(
  graph: GraphBuilder,
  of: Call,
  input: Value,
  { shape, values }: Weight,
  attributes: Readonly<Record<string, Attribute>>,
): string {
  const { name } = of.layer;
  const [outputs, , height, width] = shape;
  const bias = of.weights.get('bias');
  const filters = graph.constant(`${name}/kernel`, values, shape);
  const biases = bias === undefined ? [] : [graph.constant(`${name}/bias`, bias.values, [outputs])];
  const sum = graph.node('Conv', `${name}/conv`, [input.name, filters, ...biases], {
    ...window(of, input, [height, width]),
    dilations: { integers: pair(of.config.dilationRate, 1) },
    ...attributes,
  });
  return activated(graph, of, sum, name);
}

function dense(graph: GraphBuilder, of: Call, [input]: readonly Value[]): string {
  const { name } = of.layer;
  if (input.shape.length !== 1) refuse(of, 'it is applied to more than one vector an image');
  const kernel = weightOf(of, 'kernel');
  const bias = of.weights.get('bias');
  const weights = graph.constant(`${name}/kernel`, kernel.values, kernel.shape);
  const product = graph.node('MatMul', `${name}/product`, [input.name, weights]);
  const sum =
    bias === undefined
      ? product
      : graph.node('Add', `${name}/sum`, [product, graph.constant(`${name}/bias`, bias.values, bias.shape)]);
  return activated(graph, of, sum, name);
}

function batchNormalization(graph: GraphBuilder, of: Call, [input]: readonly Value[]): string {
  const { name } = of.layer;
  const { axis, epsilon } = of.config;
  const last = input.shape.length;
  if ([axis].flat().some((one) => one !== -1 && one !== last))
    refuse(of, 'it normalises another axis than the channels');
  const channels = input.shape[last - 1];
  const constants = {
    gamma: of.weights.get('gamma')?.values ?? new Float32Array(channels).fill(1),
    beta: of.weights.get('beta')?.values ?? new Float32Array(channels),
    mean: weightOf(of, 'moving_mean').values,
    variance: weightOf(of, 'moving_variance').values,
  };
  const inputs = Object.entries(constants).map(([key, values]) =>
    graph.constant(`${name}/${key}`, values, [channels]),
  );
  return graph.node('BatchNormalization', name, [input.name, ...inputs], {
    epsilon: { float: Number(epsilon) },
  });
}

function pool(graph: GraphBuilder, op: string, of: Call, input: Value): string {
  const size = pair(of.config.poolSize, 2);
  return graph.node(op, of.layer.name, [input.name], {
    kernel_shape: { integers: size },
    ...window(of, input, size, size),
  });
}

function globalPool(graph: GraphBuilder, op: string, of: Call, input: string): string {
  const pooled = graph.node(op, `${of.layer.name}/mean`, [input]);
  return graph.node('Flatten', of.layer.name, [pooled], { axis: { integer: 1 } });
}

/** Strides and paddings of a window that moves over an image. */
function window(
  of: Call,
  input: Value,
  size: readonly [number, number],
  defaultStrides?: readonly [number, number],
): Record<string, Attribute> {
  const strides =
    of.config.strides === null || of.config.strides === undefined
      ? (defaultStrides ?? [1, 1])
      : pair(of.config.strides, 1);
  const dilations = pair(of.config.dilationRate, 1);
  const paddings = [0, 1].map((axis) => {
    if (of.config.padding === 'valid') return [0, 0];
    if (of.config.padding !== 'same') return refuse(of, `its padding is ${String(of.config.padding)}`);
    const covered = dilations[axis] * (size[axis] - 1) + 1;
    const steps = Math.ceil(input.shape[axis] / strides[axis]);
    const all = Math.max(0, (steps - 1) * strides[axis] + covered - input.shape[axis]);
    return [Math.floor(all / 2), Math.ceil(all / 2)];
  });
  const pads = [paddings[0][0], paddings[1][0], paddings[0][1], paddings[1][1]];
  return { strides: { integers: strides }, pads: { integers: pads } };
}

/** A setting for rows and columns, which may be one number for both. */
function pair(value: unknown, otherwise: number): [number, number] {
  if (Array.isArray(value)) return [Number(value[0]), Number(value[1] ?? value[0])];
  return typeof value === 'number' ? [value, value] : [otherwise, otherwise];
}

/** A 3-d array with its axes in another order. */
function reordered(
  values: Float32Array,
  shape: readonly [number, number, number],
  order: readonly [number, number, number],
): Float32Array {
  const strides = [shape[1] * shape[2], shape[2], 1];
  const [a, b, c] = order;
  const result = new Float32Array(values.length);
  let out = 0;
  for (let i = 0; i < shape[a]; i++) {
    for (let j = 0; j < shape[b]; j++) {
      for (let k = 0; k < shape[c]; k++)
        result[out++] = values[i * strides[a] + j * strides[b] + k * strides[c]];
    }
  }
  return result;
}
