import type { KerasNet, KerasNode, Source } from './kerasNet.js';

/** Layers that take several tensors, as a list. */
const MERGING = /^(Add|Average|Concatenate|Maximum|Multiply)$/;

/** A model's configuration in the words of Keras 2. */
export function configuration2({ nodes, input, output }: KerasNet): object {
  return {
    class_name: 'Functional',
    config: {
      name: 'network',
      layers: nodes.map((node) => ({
        class_name: node.className,
        name: node.name,
        config: {
          ...settingsOf(node),
          ...(node.name === input.layer && { batch_input_shape: batchOf(input) }),
        },
        inbound_nodes: callsOf(node).map((sources) => sources.map(({ layer, call }) => [layer, call, 0, {}])),
      })),
      input_layers: [[input.layer, 0, 0]],
      output_layers: [[output.layer, output.call, 0]],
    },
  };
}

/** A model's configuration in the words of Keras 3. */
export function configuration3({ nodes, input, output }: KerasNet): object {
  return {
    module: 'keras.src.models.functional',
    class_name: 'Functional',
    registered_name: 'Functional',
    config: {
      name: 'network',
      trainable: true,
      layers: nodes.map((node) => ({
        module: 'keras.layers',
        class_name: node.className,
        registered_name: null,
        name: node.name,
        config: { ...settings3(node), ...(node.name === input.layer && { batch_shape: batchOf(input) }) },
        inbound_nodes: callsOf(node).map((sources) => {
          const tensors = sources.map(tensorOf);
          return { args: MERGING.test(node.className) ? [tensors] : tensors, kwargs: {} };
        }),
      })),
      input_layers: [input.layer, 0, 0],
      output_layers: [output.layer, output.call, 0],
    },
  };
}

/** What brings the images in is not called. */
const callsOf = ({ calls }: KerasNode): Source[][] => calls.filter((sources) => sources.length > 0);

const batchOf = ({ shape }: Source): (number | null)[] => [null, ...shape];

function settingsOf({ name, className, settings, trainable }: KerasNode): Record<string, unknown> {
  return { name, ...(className !== 'InputLayer' && { trainable }), dtype: 'float32', ...settings };
}

function settings3(node: KerasNode): Record<string, unknown> {
  const { alpha, ...settings } = settingsOf(node);
  if (alpha === undefined) return settings;
  return { ...settings, [node.className === 'LeakyReLU' ? 'negative_slope' : 'alpha']: alpha };
}

function tensorOf(source: Source): object {
  return {
    class_name: '__keras_tensor__',
    config: { shape: batchOf(source), dtype: 'float32', keras_history: [source.layer, source.call, 0] },
  };
}
