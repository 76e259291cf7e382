import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { writeSafetensors } from '../io/safetensors.js';
import { writeFileAtomic } from '../util/files.js';
import { packageVersion } from '../util/packageVersion.js';
import type { Format } from './formats.js';
import { kerasArchive, kerasHdf5 } from './keras/writeKeras.js';
import { type Node, onnxFile } from './onnx/onnxModel.js';
import { toGraph } from './onnx/toGraph.js';
import { MODEL_PY } from './pytorch/modelPy.js';

/**
 * Writes a model as files that other programs open.
 * @param folder there already
 * @param metadata texts that go into the file
 * @throws CifarError naming the layer that the format has no counterpart of
 */
export async function writeFormat(
  format: Exclude<Format, 'tfjs'>,
  model: LayersModel,
  folder: string,
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  const write = (name: string, bytes: Uint8Array): void => writeFileAtomic(join(folder, name), bytes);
  switch (format) {
    case 'onnx': {
      const producer = { name: 'cifar', version: packageVersion() };
      return write('model.onnx', onnxFile(await toGraph(model), producer, metadata));
    }
    case 'keras':
      return write('model.keras', await kerasArchive(model, metadata));
    case 'keras-h5':
      return write('model.h5', await kerasHdf5(model, metadata));
    case 'safetensors': {
      const { nodes, constants } = await toGraph(model);
      const graph = JSON.stringify(nodes.map(plainNode));
      const tensors = constants.map(
        ({ name, dims, values }) => [name, { shape: dims, data: values }] as const,
      );
      writeSafetensors(join(folder, 'model.safetensors'), new Map(tensors), { ...metadata, graph });
      writeFileAtomic(join(folder, 'model.py'), MODEL_PY);
    }
  }
}

/** A node whose attributes are bare values. */
function plainNode({ op, inputs, output, attributes }: Node): object {
  const values = Object.entries(attributes).map(([name, value]) => [
    name,
    Object.values(value)[0] as unknown,
  ]);
  return { op, inputs, output, attributes: Object.fromEntries(values) as unknown };
}
