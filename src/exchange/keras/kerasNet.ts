import type { LayersModel } from '@tensorflow/tfjs-layers';
import { CifarError } from '../../util/errors.js';
import { type Call, type Weight, callsOf, sizesOf, weightOf } from '../calls.js';
import { kerasSettings } from './settings.js';

/** One of a layer's calls: where it has its inputs from. */
export interface Source {
  layer: string;
  /** Which of that layer's calls. */
  call: number;
  /** Without the batch. */
  shape: readonly number[];
}

export interface KerasNode {
  className: string;
  name: string;
  /** By Keras's names; what is left out is as by default. */
  settings: Record<string, unknown>;
  /** Whether training changes what of it can be trained. */
  trainable: boolean;
  calls: Source[][];
  /** Named, in Keras's order. */
  weights: readonly (readonly [name: string, weight: Weight])[];
}

/** A model as Keras describes it: nodes in the order in which Keras holds its layers and their weights. */
export interface KerasNet {
  nodes: KerasNode[];
  input: Source;
  output: Source;
}

/** In which layers of Keras have their weights. */
const WEIGHTS = [
  ...['kernel', 'depthwise_kernel', 'bias'],
  ...['gamma', 'beta', 'moving_mean', 'moving_variance'],
];

/**
 * A model of tfjs's stock layers as one of Keras's.
 * @throws CifarError naming the layer, and the setting of it that Keras has no counterpart of here
 */
export async function kerasNet(model: LayersModel): Promise<KerasNet> {
  const calls = await callsOf(model);
  const names = namesFor(calls.map(({ layer }) => layer.name));
  const nameOf = ({ layer }: Pick<Call, 'layer'>): string => names.get(layer.name) as string;
  const sources = new Map<number, Source>();
  const nodes = new Map<string, KerasNode>();
  for (const call of calls) {
    const name = nameOf(call);
    const inputs = call.inputs.map(({ id }) => sources.get(id) as Source);
    const node = nodes.get(name) ?? nodeOf(call, name);
    nodes.set(name, node);
    const shape = sizesOf(call.output);
    sources.set(call.output.id, { layer: name, call: node.calls.length, shape });
    node.calls.push(inputs);
  }
  const [images] = calls;
  // tfjs keeps layers in Keras's order; a sequence's own are without that of the images.
  const order = new Map([images.layer, ...model.layers].map((layer, i) => [names.get(layer.name), i]));
  return {
    nodes: [...nodes.values()].sort((a, b) => (order.get(a.name) ?? 0) - (order.get(b.name) ?? 0)),
    input: sources.get(images.output.id) as Source,
    output: sources.get(model.outputs[0].id) as Source,
  };
}

function nodeOf(call: Call, name: string): KerasNode {
  const { layer, weights } = call;
  const stray = [...weights.keys()].find((weight) => !WEIGHTS.includes(weight));
  if (stray !== undefined) {
    throw new CifarError(
      `The layer ${layer.name} (${layer.getClassName()}) cannot be written for Keras: its weight ${stray} is not known.`,
    );
  }
  return {
    className: layer.getClassName(),
    name,
    settings: kerasSettings(layer, call.config),
    trainable: layer.trainable,
    calls: [],
    weights: WEIGHTS.filter((weight) => weights.has(weight)).map((weight) => [
      weight,
      weightOf(call, weight),
    ]),
  };
}

/** Names that both versions of Keras, and groups of HDF5, take: letters, digits and underscores. */
function namesFor(names: readonly string[]): Map<string, string> {
  const given = new Map<string, string>();
  const taken = new Set<string>();
  for (const name of new Set(names)) {
    const plain = name.replace(/\W/g, '_');
    let candidate = plain;
    for (let i = 2; taken.has(candidate); i++) candidate = `${plain}_${i}`;
    taken.add(candidate);
    given.set(name, candidate);
  }
  return given;
}
