import { isObject } from '../util/isObject.js';
import { shown } from '../util/text.js';

type Json = Readonly<Record<string, unknown>>;

/** A layer of a graph, and for each call of it the calls of other layers that it takes its input from. */
interface Node {
  name: string;
  calls: { from: string; call: number }[][];
}

/**
 * Why the layers of a model cannot be put together: tfjs itself would go on trying without end. Undefined when they can, and
 * for what is not a graph.
 * @param topology of model.json
 */
export function topologyProblem(topology: unknown): string | undefined {
  if (!isObject(topology)) return undefined;
  const model = isObject(topology.model_config) ? topology.model_config : topology;
  return modelProblem(model);
}

function modelProblem(model: Json): string | undefined {
  const { config } = model;
  const layers: unknown = Array.isArray(config) ? config : isObject(config) ? config.layers : undefined;
  if (!Array.isArray(layers)) return undefined;
  const names = new Set<string>();
  const nodes: Node[] = [];
  for (const layer of layers as unknown[]) {
    if (!isObject(layer)) return `its layer ${shown(layer)} is not an object`;
    const inner = modelProblem(layer);
    if (inner !== undefined) return inner;
    const name = nameOf(layer);
    // In a graph the layer's own name counts, not that in its settings.
    if (layer.inbound_nodes !== undefined && typeof layer.name !== 'string') {
      return `its layer ${name === undefined ? '' : `${shown(name)} `}has no name among the others`;
    }
    if (name === undefined) continue;
    if (names.has(name)) return `two of its layers are named ${shown(name)}`;
    names.add(name);
    if (layer.inbound_nodes === undefined) continue;
    const calls = callsOf(layer.inbound_nodes);
    if (calls === undefined)
      return `its layer ${shown(name)} does not say clearly where its input comes from`;
    nodes.push({ name, calls });
  }
  return orderProblem(nodes, names);
}

/** Calls the layers one after the other as their inputs become ready; what never does is the problem. */
function orderProblem(nodes: readonly Node[], names: ReadonlySet<string>): string | undefined {
  const done = new Map<string, number>();
  const isReady = ({ from, call }: { from: string; call: number }): boolean => call < (done.get(from) ?? 0);
  let waiting = nodes.filter(({ name, calls }) => {
    // A layer without inputs is one itself.
    if (calls.length === 0) done.set(name, 1);
    return calls.length > 0;
  });
  for (let before = -1; waiting.length !== before;) {
    before = waiting.length;
    waiting = waiting.filter(({ name, calls }) => {
      let made = done.get(name) ?? 0;
      const start = made;
      while (made < calls.length && calls[made].every(isReady)) {
        made++;
        done.set(name, made);
      }
      if (made > start) before = -1;
      return made < calls.length;
    });
  }
  if (waiting.length === 0) return undefined;
  const [{ name, calls }] = waiting;
  const missing = calls[done.get(name) ?? 0].find((input) => !isReady(input));
  const from = missing?.from ?? name;
  return names.has(from)
    ? `its layer ${shown(name)} takes its input from ${shown(from)}, which is never computed before it`
    : `its layer ${shown(name)} takes its input from ${shown(from)}, and there is no such layer`;
}

function nameOf(layer: Json): string | undefined {
  const name = layer.name ?? (isObject(layer.config) ? layer.config.name : undefined);
  return typeof name === 'string' ? name : undefined;
}

/** The inputs of each call: [[[layer, call, output, …], …], …]. */
function callsOf(inbound: unknown): Node['calls'] | undefined {
  if (!Array.isArray(inbound)) return undefined;
  const calls: Node['calls'] = [];
  for (const call of inbound as unknown[]) {
    if (!Array.isArray(call)) return undefined;
    const inputs = (call as unknown[]).map((input) => {
      const [from, index] = Array.isArray(input) ? (input as unknown[]) : [];
      return typeof from === 'string' && Number.isSafeInteger(index)
        ? { from, call: index as number }
        : undefined;
    });
    if (!inputs.every((input) => input !== undefined)) return undefined;
    calls.push(inputs);
  }
  return calls;
}
