import type { GraphBuilder } from './graphBuilder.js';

type Activate = (graph: GraphBuilder, name: string, input: string, rank: number) => string;

const one =
  (op: string): Activate =>
  (graph, name, input) =>
    graph.node(op, name, [input]);

/** tfjs's activations by their names, in ONNX's operators. */
export const ACTIVATIONS: Readonly<Record<string, Activate>> = {
  linear: (_graph, _name, input) => input,
  relu: one('Relu'),
  sigmoid: one('Sigmoid'),
  tanh: one('Tanh'),
  softplus: one('Softplus'),
  softsign: one('Softsign'),
  elu: (graph, name, input) => graph.node('Elu', name, [input], { alpha: { float: 1 } }),
  selu: (graph, name, input) => graph.node('Selu', name, [input]),
  relu6: (graph, name, input) =>
    graph.node('Clip', name, [input, graph.scalar(`${name}/min`, 0), graph.scalar(`${name}/max`, 6)]),
  swish: (graph, name, input) =>
    graph.node('Mul', name, [input, graph.node('Sigmoid', `${name}/sigmoid`, [input])]),
  // x/2·(1 + erf(x/√2)).
  gelu: (graph, name, input) => {
    const scaled = graph.node('Mul', `${name}/scaled`, [input, graph.scalar(`${name}/scale`, Math.SQRT1_2)]);
    const erf = graph.node('Erf', `${name}/erf`, [scaled]);
    const risen = graph.node('Add', `${name}/risen`, [erf, graph.scalar(`${name}/one`, 1)]);
    const half = graph.node('Mul', `${name}/half`, [input, graph.scalar(`${name}/a_half`, 0.5)]);
    return graph.node('Mul', name, [half, risen]);
  },
  // Over the channels, which come second in images.
  softmax: (graph, name, input) => graph.node('Softmax', name, [input], { axis: { integer: 1 } }),
};
