import { basename } from 'node:path';
import { topologyProblem } from './modelTopology.js';
import type { io } from '@tensorflow/tfjs-core';
import { CifarError } from '../util/errors.js';
import { isObject } from '../util/isObject.js';
import { shown } from '../util/text.js';

/** The parts of a tfjs `model.json` that loading needs. */
export interface ModelJson {
  modelTopology: object;
  weightsManifest: io.WeightsManifestConfig;
  userDefinedMetadata: Record<string, unknown>;
}

const DTYPE_BYTES: Record<string, number> = { float32: 4, int32: 4, bool: 1 };
const QUANTIZED_BYTES: Record<string, number> = { float16: 2, uint16: 2, uint8: 1 };

/** Bytes that one weight takes in a weights file. */
export function weightBytes(spec: io.WeightsManifestEntry): number {
  const elements = spec.shape.reduce((product, side) => product * side, 1);
  const bytes = spec.quantization ? QUANTIZED_BYTES[spec.quantization.dtype] : DTYPE_BYTES[spec.dtype];
  return elements * bytes;
}

/**
 * Checks the text of a `model.json`.
 * @throws CifarError naming the file and what is wrong
 */
export function parseModelJson(path: string, text: string): ModelJson {
  const refuse = (reason: string, cause?: unknown) =>
    new CifarError(`${path} is not a tfjs layers model: ${reason}.`, { cause });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw refuse('it is not JSON', error);
  }
  if (!isObject(json)) throw refuse('it is not a JSON object');
  if (json.format !== undefined && json.format !== 'layers-model') {
    throw refuse(`its format is ${shown(json.format)}; expected "layers-model"`);
  }
  if (!isObject(json.modelTopology)) throw refuse('it has no modelTopology');
  let tangle: string | undefined;
  try {
    tangle = topologyProblem(json.modelTopology);
  } catch (error) {
    throw refuse('its topology is nested deeper than can be read', error);
  }
  if (tangle !== undefined) throw refuse(tangle);
  const manifest: unknown = json.weightsManifest;
  if (!Array.isArray(manifest)) throw refuse('it has no weightsManifest');
  for (const group of manifest as unknown[]) {
    const problem = groupProblem(group);
    if (problem !== undefined) throw refuse(problem);
  }
  const metadata = json.userDefinedMetadata ?? {};
  if (!isObject(metadata)) throw refuse('its userDefinedMetadata is not an object');
  return {
    modelTopology: json.modelTopology,
    weightsManifest: manifest as io.WeightsManifestConfig,
    userDefinedMetadata: metadata,
  };
}

function groupProblem(group: unknown): string | undefined {
  if (!isObject(group) || !Array.isArray(group.paths) || !Array.isArray(group.weights)) {
    return 'a group of its weightsManifest lacks paths or weights';
  }
  for (const path of group.paths as unknown[]) {
    // Weights lie beside model.json; a path that leads elsewhere is not ours to follow.
    if (typeof path !== 'string' || path === '' || path === '..' || basename(path) !== path) {
      return `its weights path ${shown(path)} is not a file name`;
    }
  }
  for (const spec of group.weights as unknown[]) {
    if (!isObject(spec) || typeof spec.name !== 'string') return 'a weight of its manifest has no name';
    const { name, shape, dtype, quantization } = spec;
    if (!Array.isArray(shape) || !shape.every((n) => Number.isSafeInteger(n) && (n as number) >= 0)) {
      return `its weight ${shown(name)} has no valid shape`;
    }
    const stored = isObject(quantization) ? quantization.dtype : dtype;
    const known = isObject(quantization) ? QUANTIZED_BYTES : DTYPE_BYTES;
    if (typeof stored !== 'string' || !Object.hasOwn(known, stored)) {
      return `its weight ${shown(name)} is of type ${shown(stored)}; expected one of ${Object.keys(known).join(', ')}`;
    }
  }
  return undefined;
}
