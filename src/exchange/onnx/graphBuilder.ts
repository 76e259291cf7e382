import type { Attribute, Constant, Node } from './onnxModel.js';

/** What a layer gives: images as [N, C, H, W], all else as [N, features]. */
export interface Value {
  readonly name: string;
  /** As tfjs has it, without the batch: [height, width, channels], or [features]. */
  readonly shape: readonly number[];
}

/** Collects the nodes and constants of a graph, under names that do not repeat. */
export class GraphBuilder {
  readonly nodes: Node[] = [];
  readonly constants: Constant[] = [];
  private readonly names = new Set<string>();

  /** Adds a node. @returns the name of its output */
  node(
    op: string,
    name: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    const output = this.unused(name);
    this.nodes.push({ op, name: output, inputs, output, attributes });
    return output;
  }

  /** Adds a constant; without dimensions, a single number. @returns its name */
  constant(name: string, values: Float32Array, dims: readonly number[] = []): string {
    const unused = this.unused(name);
    this.constants.push({ name: unused, dims, values });
    return unused;
  }

  scalar(name: string, value: number): string {
    return this.constant(name, Float32Array.of(value));
  }

  private unused(name: string): string {
    let candidate = name;
    for (let i = 2; this.names.has(candidate); i++) candidate = `${name}_${i}`;
    this.names.add(candidate);
    return candidate;
  }
}
