import { CifarError } from '../../util/errors.js';
import { isObject } from '../../util/isObject.js';
import { type KerasFile, type KerasLayer, nameOf } from './kerasFile.js';
import { type InputRange, RANGES } from './ranges.js';
import { settingsOf } from './settings.js';

type Edge = [layer: string, call: number, output: number, options: object];

/** The layer that brings numbers from 0 to 1 into a network's own range. */
const RANGE = 'input_range';

/**
 * A Keras model's configuration as tfjs's loader takes it, such that it takes numbers from 0 to 1.
 * @throws CifarError naming the layer and the setting that is not understood
 */
export function tfjsTopology({ className, config, layers }: KerasFile, range: InputRange): object {
  const [low, high] = RANGES[range];
  const rescaling = { name: RANGE, scale: high - low, offset: low };
  const isIdentity = low === 0 && high === 1;
  if (className === 'Sequential') {
    const settings = layers.map((layer) => ({ class_name: layer.class_name, config: settingsOf(layer) }));
    const shape = settings.find((layer) => layer.config['batch_input_shape'] !== undefined)?.config[
      'batch_input_shape'
    ];
    const inner = settings.filter((layer) => layer.class_name !== 'InputLayer');
    const first = { class_name: 'Rescaling', config: { ...rescaling, batch_input_shape: shape } };
    if (isIdentity) Object.assign(inner[0]?.config ?? {}, { batch_input_shape: shape });
    else for (const layer of inner) delete layer.config['batch_input_shape'];
    return {
      class_name: 'Sequential',
      config: { name: 'network', layers: isIdentity ? inner : [first, ...inner] },
    };
  }
  const [input] = ends(config['input_layers']);
  const nodes = layers.map((layer) => ({
    class_name: layer.class_name,
    name: nameOf(layer),
    config: settingsOf(layer),
    inbound_nodes: (layer.inbound_nodes ?? []).map((node) =>
      edgesOf(node, layer).map(([from, ...rest]): Edge => [
        !isIdentity && from === input?.[0] ? RANGE : from,
        ...rest,
      ]),
    ),
  }));
  const scaled = {
    class_name: 'Rescaling',
    name: RANGE,
    config: rescaling,
    inbound_nodes: [[[input?.[0], 0, 0, {}]]],
  };
  return {
    class_name: 'Model',
    config: {
      name: 'network',
      layers: isIdentity ? nodes : [...nodes, scaled],
      input_layers: ends(config['input_layers']),
      output_layers: ends(config['output_layers']),
    },
  };
}

/** The ends of a graph, which Keras 3 writes without a list where there is one. */
function ends(value: unknown): [string, number, number][] {
  if (!Array.isArray(value) || value.length === 0) return [];
  return (typeof value[0] === 'string' ? [value] : value) as [string, number, number][];
}

/** Where a call of a layer has its inputs from: lists in Keras 2, arguments in Keras 3. */
function edgesOf(node: unknown, layer: KerasLayer): Edge[] {
  const refuse = (what: string): CifarError =>
    new CifarError(`The layer ${nameOf(layer)} (${layer.class_name}) cannot be imported: ${what}.`);
  if (Array.isArray(node)) {
    return node.map((edge: unknown): Edge => {
      if (!Array.isArray(edge) || typeof edge[0] !== 'string')
        throw refuse('an input of it is not understood');
      const [from, call, output, options] = edge as [string, number, number, Record<string, unknown>?];
      checkOptions(options ?? {}, refuse);
      return [from, call, output, {}];
    });
  }
  if (!isObject(node) || !Array.isArray(node.args)) throw refuse('an input of it is not understood');
  checkOptions(isObject(node.kwargs) ? node.kwargs : {}, refuse);
  return (node.args as unknown[]).flat().map((argument): Edge => {
    const history =
      isObject(argument) && isObject(argument.config) ? argument.config.keras_history : undefined;
    if (!Array.isArray(history) || typeof history[0] !== 'string')
      throw refuse('it is called with something else than a tensor');
    return [history[0], Number(history[1]), Number(history[2]), {}];
  });
}

function checkOptions(options: Record<string, unknown>, refuse: (what: string) => CifarError): void {
  const stray = Object.entries(options).find(([, value]) => value !== null && value !== undefined);
  if (stray !== undefined) throw refuse(`it is called with ${stray[0]}`);
}
