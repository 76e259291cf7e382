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

/** An array of whole numbers read from a .npy file, in C order. */
export interface NpyIntegers {
  readonly shape: readonly number[];
  /** Uint8Array for u1 files; what does not fit a double of the others is refused. */
  readonly data: Uint8Array | Float64Array;
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
  return readAs(path, 'floats (f2, f4 or f8)', 'f', ({ itemBytes }, elements) =>
    itemBytes === 8 ? new Float64Array(elements) : new Float32Array(elements),
  );
}

/**
 * Reads a .npy file of whole numbers: dtype u1, i1, u2, i2, u4, i4, u8 or i8; otherwise as `readNpy`.
 * @throws CifarError as `readNpy`
 */
export function readNpyIntegers(path: string): NpyIntegers {
  return readAs(path, 'whole numbers (u1 to i8)', 'ui', ({ kind, itemBytes }, elements) =>
    kind === 'u' && itemBytes === 1 ? new Uint8Array(elements) : new Float64Array(elements),
  );
}

function readAs<D extends Uint8Array | Float32Array | Float64Array>(
  path: string,
  expected: string,
  kinds: string,
  allocate: (header: Header, elements: number) => D,
): { shape: readonly number[]; data: D } {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new CifarError(`Cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
  try {
    return parseNpy(bytes, expected, kinds, allocate);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new CifarError(`Cannot read ${path}: ${error.message}.`, { cause: error });
  }
}

/** What is wrong with the bytes, without the file's name. */
class FormatError extends Error {}

interface Header {
  littleEndian: boolean;
  /** Floats, whole numbers without a sign, with one. */
  kind: 'f' | 'u' | 'i';
  itemBytes: 1 | 2 | 4 | 8;
  fortranOrder: boolean;
  shape: number[];
}

function parseNpy<D extends Uint8Array | Float32Array | Float64Array>(
  bytes: Buffer,
  expected: string,
  kinds: string,
  allocate: (header: Header, elements: number) => D,
): { shape: readonly number[]; data: D } {
  const { text, dataStart } = headerText(bytes);
  const header = parseHeader(text, expected, kinds);
  const { shape, itemBytes } = header;
  const elements = shape.reduce((product, side) => product * side, 1);
  const present = bytes.length - dataStart;
  if (present !== elements * itemBytes) {
    throw new FormatError(
      `its header announces shape (${shape.join(', ')}), ${elements * itemBytes} bytes of data, but ${present} follow`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + dataStart, present);
  const data = allocate(header, elements);
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
function parseHeader(text: string, expected: string, kinds: string): Header {
  const descr = /['"]descr['"]\s*:\s*(['"])([^'"]*)\1/.exec(text)?.[2];
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(text)?.[1];
  const tuple = /['"]shape['"]\s*:\s*\(([^)]*)\)/.exec(text)?.[1];
  if (descr === undefined && /['"]descr['"]\s*:\s*\[/.test(text)) {
    throw new FormatError(`it holds records of several fields; expected plain ${expected}`);
  }
  if (descr === undefined || order === undefined || tuple === undefined) {
    throw new FormatError(`its header is not understood: ${shown(text.trim())}`);
  }
  const dtype = /^([<>|])([fui])([1248])$/.exec(descr);
  if (!dtype || !kinds.includes(dtype[2]) || descr.endsWith('f1')) {
    throw new FormatError(`its values are of type ${shown(descr)}; expected ${expected}`);
  }
  // Python 2 wrote long integers with an L.
  const sides = tuple.split(',').map((side) => side.trim().replace(/L$/, ''));
  if (sides.at(-1) === '') sides.pop();
  if (!sides.every((side) => /^\d+$/.test(side))) {
    throw new FormatError(`its shape is not understood: ${shown(tuple)}`);
  }
  return {
    littleEndian: dtype[1] !== '>',
    kind: dtype[2] as Header['kind'],
    itemBytes: Number(dtype[3]) as Header['itemBytes'],
    fortranOrder: order === 'True',
    shape: sides.map(Number),
  };
}

function reader(view: DataView, { kind, itemBytes, littleEndian }: Header): (index: number) => number {
  const read: Record<string, (at: number) => number> = {
    f2: (at) => float16ToNumber(view.getUint16(at, littleEndian)),
    f4: (at) => view.getFloat32(at, littleEndian),
    f8: (at) => view.getFloat64(at, littleEndian),
    u1: (at) => view.getUint8(at),
    i1: (at) => view.getInt8(at),
    u2: (at) => view.getUint16(at, littleEndian),
    i2: (at) => view.getInt16(at, littleEndian),
    u4: (at) => view.getUint32(at, littleEndian),
    i4: (at) => view.getInt32(at, littleEndian),
    u8: (at) => wholeNumber(view.getBigUint64(at, littleEndian)),
    i8: (at) => wholeNumber(view.getBigInt64(at, littleEndian)),
  };
  const readOne = read[`${kind}${itemBytes}`];
  return (i) => readOne(i * itemBytes);
}

function wholeNumber(value: bigint): number {
  if (Number.isSafeInteger(Number(value))) return Number(value);
  throw new FormatError(`it holds ${value}, which is larger than any number that is exact here`);
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
