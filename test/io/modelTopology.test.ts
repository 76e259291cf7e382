import { describe, expect, it } from 'vitest';
import { topologyProblem } from '../../src/io/modelTopology.js';

const layer = (name: string, ...calls: string[][]) => ({
  name,
  inbound_nodes: calls.map((call) => call.map((from) => [from, 0, 0, {}])),
});
const graph = (...layers: unknown[]) => ({ model_config: { class_name: 'Model', config: { layers } } });

describe('the layers of a model', () => {
  it('that come after what they need, in any order of the file, are no problem', () => {
    const layers = [layer('sum', ['a', 'b']), layer('b', ['a']), layer('a', ['in']), layer('in')];
    expect(topologyProblem(graph(...layers))).toBeUndefined();
    expect(topologyProblem(graph())).toBeUndefined();
    expect(
      topologyProblem({ config: [{ config: { name: 'x' } }, { config: { name: 'y' } }] }),
    ).toBeUndefined();
    expect(topologyProblem('nothing of that kind')).toBeUndefined();
  });

  it.each([
    [
      'a layer that is not there',
      [layer('in'), layer('a', ['lost'])],
      /"a" takes its input from "lost", and there is no/,
    ],
    [
      'itself',
      [layer('in'), layer('a', ['a'])],
      /"a" takes its input from "a", which is never computed before/,
    ],
    [
      'a ring',
      [layer('in'), layer('a', ['b']), layer('b', ['a'])],
      /"a" takes its input from "b", which is never/,
    ],
    [
      'two of one name',
      [layer('in'), layer('a', ['in']), layer('a', ['in'])],
      /two of its layers are named "a"/,
    ],
    ['a number', [{ name: 'a', inbound_nodes: 5 }], /"a" does not say clearly where its input comes from/],
    ['a call that is a text', [{ name: 'a', inbound_nodes: [[['in', 'first']]] }], /does not say clearly/],
    [
      'a second call of a layer that has one',
      [layer('in'), { name: 'a', inbound_nodes: [[['in', 1, 0]]] }],
      /never/,
    ],
    [
      'a layer whose name is misspelt',
      [layer('in'), { Name: 'a', config: { name: 'a' }, inbound_nodes: [[['in', 0, 0]]] }],
      /its layer "a" has no name/,
    ],
    ['a layer whose name is null', [{ name: null, inbound_nodes: [] }], /its layer has no name/],
    ['no layer at all', [null], /its layer null is not an object/],
  ])('that take their input from %s are refused', (_name, layers, message) => {
    expect(topologyProblem(graph(...layers))).toMatch(message);
  });

  it('are looked through in models within models', () => {
    const inner = { name: 'inner', ...graph(layer('x', ['lost'])).model_config };
    expect(topologyProblem(graph(inner))).toMatch(/"x" takes its input from "lost"/);
  });
});
