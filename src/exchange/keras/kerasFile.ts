import { readFileSync, statSync } from 'node:fs';
import { unzipSync } from 'fflate';
import { CifarError, messageOf, readProblem } from '../../util/errors.js';
import { sha256 } from '../../util/sha256.js';
import { isObject } from '../../util/isObject.js';
import type { Weight } from '../calls.js';
import { groupNames } from './groupNames.js';
import { type Hdf5, withHdf5 } from './hdf5.js';

const MOST_BYTES = 2 ** 30;
const MOST_CONFIG_BYTES = 16 * 2 ** 20;

export interface KerasLayer {
  class_name: string;
  config: Record<string, unknown>;
  name?: string;
  inbound_nodes?: unknown[];
}

/** What a Keras model's file says. */
export interface KerasFile {
  className: string;
  config: Record<string, unknown>;
  layers: KerasLayer[];
  /** Of the file. */
  sha256: string;
  /** Each layer's weights in Keras's order, by the layer's name. */
  weights: ReadonlyMap<string, readonly Weight[]>;
}

/**
 * Reads a model as Keras 2 (.h5, .hdf5) or Keras 3 (.keras, .h5) saves it. Of an archive only the two members that a model has are
 * unpacked, in memory.
 * @throws CifarError when it is none
 */
export async function readKerasFile(path: string): Promise<KerasFile> {
  const bytes = readBounded(path);
  const sum = sha256(bytes);
  const isArchive = bytes[0] === 0x50 && bytes[1] === 0x4b;
  if (!isArchive) {
    return withHdf5(bytes, path, (file) => {
      const text = file.attribute('', 'model_config');
      if (typeof text !== 'string') {
        throw new CifarError(
          `${path} holds weights without their model: save the whole model, by model.save.`,
        );
      }
      const model = modelOf(parse(path, text), path);
      return {
        ...model,
        sha256: sum,
        weights: new Map(model.layers.map((layer) => [nameOf(layer), byNames(file, nameOf(layer))])),
      };
    });
  }
  const members = unpack(path, bytes);
  const model = modelOf(parse(path, Buffer.from(members['config.json']).toString('utf8')), path);
  return withHdf5(members['model.weights.h5'], `${path}: model.weights.h5`, (file) => ({
    ...model,
    sha256: sum,
    weights: byNumbers(file, model.layers),
  }));
}

function readBounded(path: string): Buffer {
  try {
    const { size } = statSync(path);
    if (size > MOST_BYTES)
      throw new CifarError(`${path} has ${size} bytes, and no such model has more than ${MOST_BYTES}.`);
    return readFileSync(path);
  } catch (error) {
    if (error instanceof CifarError) throw error;
    throw new CifarError(`Cannot read ${path}: ${readProblem(error)}.`, { cause: error });
  }
}

function unpack(path: string, bytes: Buffer): Record<'config.json' | 'model.weights.h5', Uint8Array> {
  const limits: Readonly<Record<string, number>> = {
    'config.json': MOST_CONFIG_BYTES,
    'model.weights.h5': MOST_BYTES,
  };
  let members: Record<string, Uint8Array>;
  try {
    members = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        if (!Object.hasOwn(limits, name)) return false;
        if (originalSize > limits[name]) throw new Error(`${name} unpacks to ${originalSize} bytes`);
        return true;
      },
    });
  } catch (error) {
    throw new CifarError(`${path} is not a model of Keras 3: ${messageOf(error)}.`, { cause: error });
  }
  const { 'config.json': config, 'model.weights.h5': weights } = members;
  if (config === undefined || weights === undefined) {
    throw new CifarError(
      `${path} is an archive without config.json and model.weights.h5, as a model of Keras 3 has them.`,
    );
  }
  return { 'config.json': config, 'model.weights.h5': weights };
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CifarError(`${path}: the model's configuration is no JSON: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}

function modelOf(json: unknown, path: string): Omit<KerasFile, 'weights' | 'sha256'> {
  const refuse = (reason: string): CifarError => new CifarError(`${path}: ${reason}.`);
  if (!isObject(json) || typeof json.class_name !== 'string') throw refuse('its configuration is no model');
  const { class_name: className } = json;
  if (!['Sequential', 'Functional', 'Model'].includes(className)) {
    throw refuse(`the model is of the class ${className}; expected a Sequential or Functional one`);
  }
  // The first versions of Keras 2 wrote a sequence's layers alone.
  const config = Array.isArray(json.config) ? { layers: json.config as unknown[] } : json.config;
  if (!isObject(config) || !Array.isArray(config.layers)) throw refuse('its configuration has no layers');
  const layers = config.layers as unknown[];
  for (const layer of layers) {
    if (isObject(layer) && typeof layer.class_name === 'string' && isObject(layer.config)) continue;
    throw refuse('a layer of its configuration has no class or no settings');
  }
  return { className, config, layers: layers as KerasLayer[] };
}

export function nameOf({ name, config, class_name }: KerasLayer): string {
  const named = name ?? config['name'];
  return typeof named === 'string' ? named : class_name;
}

/** As .h5 files have weights: in groups named by layers, with the order in an attribute. */
function byNames(file: Hdf5, layer: string): Weight[] {
  const group = `model_weights/${layer}`;
  const names = file.attribute(group, 'weight_names');
  return Array.isArray(names) ? names.map((name) => file.weight(`${group}/${String(name)}`)) : [];
}

/** As .keras files have them: in groups named by classes, numbered in the layers' order. */
function byNumbers(file: Hdf5, layers: readonly KerasLayer[]): Map<string, Weight[]> {
  const groups = groupNames(layers.map((layer) => layer.class_name));
  return new Map(
    layers.map((layer, i) => {
      const numbers = file
        .names(groups[i])
        .map(Number)
        .sort((a, b) => a - b);
      return [nameOf(layer), numbers.map((number) => file.weight(`${groups[i]}/${number}`))];
    }),
  );
}
