import type { LayersModel, SymbolicTensor, layers } from '@tensorflow/tfjs-layers';
import { ownNameOf } from '../../nets/namedWeights.js';
import { CifarError } from '../../util/errors.js';
import { GraphBuilder, type Value } from './graphBuilder.js';
import { type LayerOf, type Weight, convertLayer } from './layers.js';
import type { Graph } from './onnxModel.js';

const INPUT = 'images';
const OUTPUT = 'probabilities';

/**
 * A model of tfjs's stock layers as a graph of ONNX's operators (set 17): `images` [N, 32, 32, 3] → `probabilities` [N, 10],
 * as the tfjs model has them.
 * @throws CifarError naming the layer and the setting that ONNX has no counterpart of here
 */
export async function toGraph(model: LayersModel): Promise<Graph> {
  if (model.inputs.length !== 1 || model.outputs.length !== 1) {
    throw new CifarError(`The model ${model.name} has several inputs or outputs; expected one of each.`);
  }
  const [input] = model.inputs;
  const graph = new GraphBuilder();
  const shape = sizes(input);
  const nchw = graph.node('Transpose', 'images/nchw', [INPUT], { perm: { integers: [0, 3, 1, 2] } });
  const values = new Map<number, Value>([[input.id, { name: nchw, shape }]]);
  // From the output back: what it is made of comes first.
  const valueOf = async (tensor: SymbolicTensor): Promise<Value> => {
    const known = values.get(tensor.id);
    if (known !== undefined) return known;
    const { sourceLayer, nodeIndex } = tensor;
    const node = sourceLayer.inboundNodes[nodeIndex];
    const inputs: Value[] = [];
    for (const one of node.inputTensors) inputs.push(await valueOf(one));
    const value = convertLayer(graph, await layerOf(sourceLayer, tensor), inputs);
    values.set(tensor.id, value);
    return value;
  };
  const last = await valueOf(model.outputs[0]);
  graph.node('Identity', OUTPUT, [last.name]);
  return {
    name: model.name,
    ...{ nodes: graph.nodes, constants: graph.constants },
    input: { name: INPUT, shape },
    output: { name: OUTPUT, shape: last.shape },
  };
}

async function layerOf(layer: layers.Layer, output: SymbolicTensor): Promise<LayerOf> {
  const weights = new Map<string, Weight>();
  for (const weight of layer.weights) {
    const values = (await weight.read().data()) as Float32Array;
    weights.set(ownNameOf(weight), { shape: weight.shape.map((side) => side ?? 0), values });
  }
  return { layer, config: layer.getConfig(), weights, shape: sizes(output) };
}

/** A shape without the batch. */
const sizes = ({ shape }: SymbolicTensor): number[] => shape.slice(1).map((side) => side ?? 0);
