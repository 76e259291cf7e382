import type { LayersModel, SymbolicTensor, layers } from '@tensorflow/tfjs-layers';
import { ownNameOf } from '../nets/namedWeights.js';
import { CifarError } from '../util/errors.js';

export interface Weight {
  shape: readonly number[];
  values: Float32Array;
}

/** A layer where a model calls it, with its settings and weights, as numbers. */
export interface Call {
  readonly layer: layers.Layer;
  readonly config: Readonly<Record<string, unknown>>;
  /** By their names in tfjs, such as `kernel`: their order depends on what of them is trained. */
  readonly weights: ReadonlyMap<string, Weight>;
  /** None of what brings the images in. */
  readonly inputs: readonly SymbolicTensor[];
  readonly output: SymbolicTensor;
}

/** What a model computes, each call after those that it takes its inputs from: the first brings the images in, the last gives the answers. */
export async function callsOf(model: LayersModel): Promise<Call[]> {
  if (model.inputs.length !== 1 || model.outputs.length !== 1) {
    throw new CifarError(`The model ${model.name} has several inputs or outputs; expected one of each.`);
  }
  const calls = new Map<number, Call>();
  // From the output back: what it is made of comes first.
  const visit = async (output: SymbolicTensor): Promise<void> => {
    if (calls.has(output.id)) return;
    const { sourceLayer: layer, nodeIndex, id } = output;
    const inputs = id === model.inputs[0].id ? [] : layer.inboundNodes[nodeIndex].inputTensors;
    for (const input of inputs) await visit(input);
    calls.set(id, { layer, config: layer.getConfig(), weights: await weightsOf(layer), inputs, output });
  };
  await visit(model.outputs[0]);
  return [...calls.values()];
}

async function weightsOf(layer: layers.Layer): Promise<Map<string, Weight>> {
  const weights = new Map<string, Weight>();
  for (const weight of layer.weights) {
    const values = (await weight.read().data()) as Float32Array;
    weights.set(ownNameOf(weight), { shape: weight.shape.map((side) => side ?? 0), values });
  }
  return weights;
}

/** A shape without the batch: [height, width, channels], or [features]. */
export const sizesOf = ({ shape }: SymbolicTensor): number[] => shape.slice(1).map((side) => side ?? 0);

/** A layer's weight by its name. @throws CifarError when it has none of that name */
export function weightOf({ layer, weights }: Call, name: string): Weight {
  const weight = weights.get(name);
  if (weight !== undefined) return weight;
  throw new CifarError(`The layer ${layer.name} (${layer.getClassName()}) has no weight named ${name}.`);
}
