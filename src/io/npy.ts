import { readFileSync } from 'node:fs';
import { CifarError, messageOf } from '../util/errors.js';
import { writeFileAtomic } from '../util/files.js';
import { shown } from '../util/text.js';
import { float16ToNumber } from './float16.js';

/** An array read from a .npy file, in C order. */
export interface NpyArray {
  readonly shape: readonly number[];
  /** Float32Array for f2 and f4 files, Float64Array for f8 files. */
  readonly data: Float32Array | Float64Array;
}

const MAGIC = '\x93NUMPY';

/**
 * Writes a NumPy array file: format version 1.0, dtype '<f4', C order, header padded so that the data start at a
 * multiple of 64 bytes. The file appears under its name only when complete.
 * @param data row-major, one value per element of `shape`
 * @throws RangeError when the shape and the data do not agree; CifarError when the file cannot be written
 * Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function writeNpy(path: string, data: Float32Array, shape: readonly number[]): void {
  const elements = shape.reduce((product, side) => product * side, 1);
  if (elements !== data.length) {
    throw new RangeError(`Shape [${shape.join(', ')}] has ${elements} elements, the data ${data.length}.`);
  }
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
  const unpadded = MAGIC.length + 4 + dictionary.length + 1;
  const header = dictionary + ' '.repeat((64 - (unpadded % 64)) % 64) + '\n';
  const prefix = Buffer.alloc(MAGIC.length + 4);
  prefix.write(MAGIC, 'latin1');
  prefix.writeUInt8(1, 6);
  prefix.writeUInt8(0, 7);
  prefix.writeUInt16LE(header.length, 8);
  const body = Buffer.alloc(data.length * 4);
  for (let i = 0; i < data.length; i++) body.writeFloatLE(data[i], i * 4);
  writeFileAtomic(path, prefix, header, body);
}

/**
 * Reads a .npy file as NumPy writes it: dtype f2, f4 or f8, either byte order, C or Fortran order, format 1.0, 2.0
 * or 3.0. Values are given in C order.
 * @throws CifarError naming the file and the reason, for anything else and for files that are cut short or too long
 */
export function readNpy(path: string): NpyArray {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new CifarError(`Cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
  try {
    return parseNpy(bytes);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new CifarError(`Cannot read ${path}: ${error.message}.`, { cause: error });
  }
}

/** What is wrong with the bytes, without the file's name. */
class FormatError extends Error {}

interface Header {
  littleEndian: boolean;
  itemBytes: 2 | 4 | 8;
  fortranOrder: boolean;
  shape: number[];
}

function parseNpy(bytes: Buffer): NpyArray {
  const { text, dataStart } = headerText(bytes);
  const header = parseHeader(text);
  const { shape, itemBytes } = header;
  const elements = shape.reduce((product, side) => product * side, 1);
  const present = bytes.length - dataStart;
  if (present !== elements * itemBytes) {
    throw new FormatError(
      `its header announces shape (${shape.join(', ')}), ${elements * itemBytes} bytes of data, but ${present} follow`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + dataStart, present);
  const data = itemBytes === 8 ? new Float64Array(elements) : new Float32Array(elements);
  const read = reader(view, header);
  if (!header.fortranOrder) {
    for (let i = 0; i < elements; i++) data[i] = read(i);
  } else {
    for (let i = 0; i < elements; i++) data[fortranToC(i, shape)] = read(i);
  }
  return { shape, data };
}

/** Finds the header: its text and where the data begin. */
function headerText(bytes: Buffer): { text: string; dataStart: number } {
  if (bytes.length < 10 || bytes.toString('latin1', 0, 6) !== MAGIC) {
    throw new FormatError('it is not a NumPy .npy file');
  }
  const [major, minor] = [bytes[6], bytes[7]];
  if (![1, 2, 3].includes(major) || minor !== 0) {
    throw new FormatError(`its format version is ${major}.${minor}; versions 1.0, 2.0 and 3.0 are known`);
  }
  const lengthBytes = major === 1 ? 2 : 4;
  const start = 8 + lengthBytes;
  if (bytes.length < start) throw new FormatError('it ends within its header');
  const length = bytes.readUIntLE(8, lengthBytes);
  if (start + length > bytes.length) throw new FormatError('it ends within its header');
  const encoding = major === 3 ? 'utf8' : 'latin1';
  return { text: bytes.toString(encoding, start, start + length), dataStart: start + length };
}

/** Reads the Python dictionary of a header. */
function parseHeader(text: string): Header {
  const descr = /['"]descr['"]\s*:\s*(['"])([^'"]*)\1/.exec(text)?.[2];
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(text)?.[1];
  const tuple = /['"]shape['"]\s*:\s*\(([^)]*)\)/.exec(text)?.[1];
  if (descr === undefined && /['"]descr['"]\s*:\s*\[/.test(text)) {
    throw new FormatError('it holds records of several fields; expected plain floats (f2, f4 or f8)');
  }
  if (descr === undefined || order === undefined || tuple === undefined) {
    throw new FormatError(`its header is not understood: ${shown(text.trim())}`);
  }
  const dtype = /^([<>])f([248])$/.exec(descr);
  if (!dtype) throw new FormatError(`its values are of type ${shown(descr)}; expected floats (f2, f4 or f8)`);
  // Python 2 wrote long integers with an L.
  const sides = tuple.split(',').map((side) => side.trim().replace(/L$/, ''));
  if (sides.at(-1) === '') sides.pop();
  if (!sides.every((side) => /^\d+$/.test(side))) {
    throw new FormatError(`its shape is not understood: ${shown(tuple)}`);
  }
  return {
    littleEndian: dtype[1] === '<',
    itemBytes: Number(dtype[2]) as 2 | 4 | 8,
    fortranOrder: order === 'True',
    shape: sides.map(Number),
  };
}

function reader(view: DataView, { itemBytes, littleEndian }: Header): (index: number) => number {
  switch (itemBytes) {
    case 2:
      return (i) => float16ToNumber(view.getUint16(i * 2, littleEndian));
    case 4:
      return (i) => view.getFloat32(i * 4, littleEndian);
    case 8:
      return (i) => view.getFloat64(i * 8, littleEndian);
  }
}

/** The C-order position of the element at a position in Fortran order (first index fastest). */
function fortranToC(position: number, shape: readonly number[]): number {
  let rest = position;
  let stride = shape.reduce((product, side) => product * side, 1);
  let result = 0;
  for (const side of shape) {
    stride /= side;
    result += (rest % side) * stride;
    rest = Math.floor(rest / side);
  }
  return result;
}
