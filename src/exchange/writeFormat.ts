import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { writeSafetensors } from '../io/safetensors.js';
import { writeFileAtomic } from '../util/files.js';
import { packageVersion } from '../util/packageVersion.js';
import type { Format } from './formats.js';
import { onnxFile } from './onnx/onnxModel.js';
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
  const graph = await toGraph(model);
  if (format === 'onnx') {
    const file = onnxFile(graph, { name: 'cifar', version: packageVersion() }, metadata);
    writeFileAtomic(join(folder, 'model.onnx'), file);
    return;
  }
  const nodes = graph.nodes.map(({ op, inputs, output, attributes }) => ({
    ...{ op, inputs, output },
    attributes: Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [name, Object.values(value)[0] as unknown]),
    ),
  }));
  const tensors = graph.constants.map(
    ({ name, dims, values }) => [name, { shape: dims, data: values }] as const,
  );
  writeSafetensors(join(folder, 'model.safetensors'), new Map(tensors), {
    ...metadata,
    graph: JSON.stringify(nodes),
  });
  writeFileAtomic(join(folder, 'model.py'), MODEL_PY);
}
