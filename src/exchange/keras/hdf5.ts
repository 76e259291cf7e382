import type * as h5wasm from 'h5wasm';
import { shown } from '../../util/text.js';
import { CifarError, messageOf } from '../../util/errors.js';
import type { Weight } from '../calls.js';
import { memoryFile } from './memoryFile.js';

/** No network for such images has more numbers in one weight. */
const MOST_NUMBERS = 200e6;

/** An HDF5 file's content, without anything outside it: it lies in a file system of its own in memory, where links lead nowhere. */
export interface Hdf5 {
  /** A group's or, without a path, the file's attribute; undefined where there is none. */
  attribute(path: string, name: string): unknown;
  /** The names in a group; none where there is no such group. */
  names(path: string): string[];
  /** @throws CifarError when there is no such array of floats, or it is absurdly large */
  weight(path: string): Weight;
}

/**
 * Reads an HDF5 file while it is open.
 * @throws CifarError when it is none
 */
export async function withHdf5<T>(bytes: Uint8Array, name: string, read: (file: Hdf5) => T): Promise<T> {
  const { library, FS, path } = await memoryFile();
  FS.writeFile(path, bytes);
  try {
    let file: h5wasm.File;
    try {
      file = new library.File(path, 'r');
    } catch (error) {
      throw new CifarError(`${name} is no HDF5 file, or is damaged: ${problemOf(error)}.`, { cause: error });
    }
    try {
      return read(contentOf(library, file, name));
    } finally {
      file.close();
    }
  } finally {
    FS.unlink(path);
  }
}

function contentOf(library: typeof h5wasm, file: h5wasm.File, name: string): Hdf5 {
  const refuse = (reason: string): CifarError => new CifarError(`${name}: ${reason}.`);
  const at = (path: string): unknown => {
    try {
      return path === '' ? file : file.get(path);
    } catch {
      return null;
    }
  };
  return {
    attribute(path, key) {
      const entity = at(path);
      if (!(entity instanceof library.Group)) return undefined;
      // Not by their values: each is read when it is asked for.
      return Object.hasOwn(entity.attrs, key) ? entity.attrs[key].value : undefined;
    },
    names(path) {
      const entity = at(path);
      return entity instanceof library.Group ? entity.keys() : [];
    },
    weight(path) {
      const entity = at(path);
      if (!(entity instanceof library.Dataset)) throw refuse(`it has no array ${path}`);
      const shape = entity.shape ?? [];
      const size = shape.reduce((product, side) => product * side, 1);
      if (!(size <= MOST_NUMBERS)) throw refuse(`its array ${path} claims ${size} numbers`);
      // HDF5 fills what such arrays lack with zeros.
      if (entity.metadata.virtual_sources) throw refuse(`its array ${path} is made of other arrays`);
      const values = valuesOf(entity, path, refuse);
      if (!(values instanceof Float32Array) || values.length !== size) {
        throw refuse(`its array ${path} is of type ${shown(entity.dtype)}; expected 32-bit floats`);
      }
      return { shape, values };
    },
  };
}

function valuesOf(
  dataset: h5wasm.Dataset,
  path: string,
  refuse: (reason: string) => CifarError,
): h5wasm.Dataset['value'] {
  try {
    return dataset.value;
  } catch (error) {
    throw refuse(`its array ${path} cannot be read: ${problemOf(error)}`);
  }
}

/** HDF5's errors are told by all functions that they pass through: the first of them knows what is wrong. */
function problemOf(error: unknown): string {
  const told = [...messageOf(error).matchAll(/#\d+: .*?\(\): (.*)/g)];
  return told.at(-1)?.[1] ?? messageOf(error);
}
