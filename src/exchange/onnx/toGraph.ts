import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type Call, callsOf, sizesOf } from '../calls.js';
import { GraphBuilder, type Value } from './graphBuilder.js';
import { convertLayer } from './layers.js';
import type { Graph } from './onnxModel.js';

const INPUT = 'images';
const OUTPUT = 'probabilities';

/**
 * A model of tfjs's stock layers as a graph of ONNX's operators (set 17): `images` [N, 32, 32, 3] → `probabilities` [N, 10],
 * as the tfjs model has them.
 * @throws CifarError naming the layer and the setting that ONNX has no counterpart of here
 */
export async function toGraph(model: LayersModel): Promise<Graph> {
  const [images, ...calls] = await callsOf(model);
  const graph = new GraphBuilder();
  const shape = sizesOf(images.output);
  const nchw = graph.node('Transpose', 'images/nchw', [INPUT], { perm: { integers: [0, 3, 1, 2] } });
  const values = new Map<number, Value>([[images.output.id, { name: nchw, shape }]]);
  const valueOf = ({ id }: Call['output']): Value => values.get(id) as Value;
  for (const call of calls) values.set(call.output.id, convertLayer(graph, call, call.inputs.map(valueOf)));
  const last = valueOf(model.outputs[0]);
  graph.node('Identity', OUTPUT, [last.name]);
  return {
    name: model.name,
    ...{ nodes: graph.nodes, constants: graph.constants },
    input: { name: INPUT, shape },
    output: { name: OUTPUT, shape: last.shape },
  };
}
