import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CifarError, messageOf } from '../util/errors.js';
import { writeFileAtomic } from '../util/files.js';
import { isObject } from '../util/isObject.js';
import { shown } from '../util/text.js';

/** A float32 array with its shape, row-major. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The format's own bound on the header. */
const MAX_HEADER_BYTES = 100_000_000;
const METADATA_KEY = '__metadata__';
const SUM_KEY = 'sha256';

/**
 * Writes named float32 arrays and text metadata in the safetensors format: a 64-bit little-endian header length, a
 * JSON header padded with spaces to 8 bytes, the data. The file appears under its name only when complete, and carries the
 * SHA-256 sum of all else that is in it among its metadata.
 * @throws RangeError when a shape and its data do not agree; CifarError when the file cannot be written
 * Format: https://huggingface.co/docs/safetensors
 */
export function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>>,
): void {
  // Without a prototype, so that a tensor may bear any name.
  const header = Object.create(null) as Record<string, unknown>;
  header[METADATA_KEY] = metadata;
  const chunks: Uint8Array[] = [];
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    if (name === METADATA_KEY) throw new RangeError(`A tensor cannot be named ${METADATA_KEY}.`);
    if (elementCount(shape) !== data.length) {
      throw new RangeError(`Tensor ${name}: shape [${shape.join(', ')}] does not fit ${data.length} values.`);
    }
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] };
    chunks.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    offset += data.byteLength;
  }
  header[METADATA_KEY] = { ...metadata, [SUM_KEY]: sumOf(header, chunks) };
  const text = Buffer.from(JSON.stringify(header));
  const padding = ' '.repeat((8 - (text.length % 8)) % 8);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length + padding.length));
  writeFileAtomic(path, length, text, padding, ...chunks);
}

/**
 * Reads a safetensors file of float32 tensors. Strict: the data must be covered by the tensors without gap or
 * overlap, every size must agree with its shape, and the sum, where there is one, with the content.
 * @throws CifarError naming the file and what is wrong with it
 */
export function readSafetensors(path: string): {
  tensors: Map<string, StoredTensor>;
  metadata: Record<string, string>;
} {
  const refuse = (reason: string, cause?: unknown) =>
    new CifarError(`Cannot read ${path}: ${reason}.`, { cause });
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new CifarError(`Cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
  if (bytes.length < 8) throw refuse('it is too short for a safetensors file');
  const headerBytes = Number(bytes.readBigUInt64LE(0));
  if (headerBytes > MAX_HEADER_BYTES || 8 + headerBytes > bytes.length) {
    throw refuse(`its header claims ${headerBytes} bytes, more than the file holds`);
  }
  let header: unknown;
  try {
    header = JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes));
  } catch (error) {
    throw refuse('its header is not JSON', error);
  }
  if (!isObject(header)) throw refuse('its header is not a JSON object');
  const data = bytes.subarray(8 + headerBytes);
  const tensors = new Map<string, StoredTensor>();
  let end = 0;
  const entries = Object.entries(header).filter(([name]) => name !== METADATA_KEY);
  const parsed = entries.map(([name, entry]) => {
    const problem = entryProblem(entry);
    if (problem !== undefined) throw refuse(`tensor ${shown(name)} ${problem}`);
    const { shape, data_offsets } = entry as TensorEntry;
    return { name, shape, data_offsets };
  });
  parsed.sort((a, b) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1]);
  for (const { name, shape, data_offsets } of parsed) {
    const [from, to] = data_offsets;
    if (from !== end) throw refuse(`tensor ${name} begins at byte ${from} of the data, not at ${end}`);
    if (to > data.length) throw refuse(`tensor ${name} ends at byte ${to}, the data at ${data.length}`);
    // A copy, since the data may start at an address that is no multiple of 4.
    const copy = new Float32Array((to - from) / 4);
    new Uint8Array(copy.buffer).set(data.subarray(from, to));
    tensors.set(name, { shape, data: copy });
    end = to;
  }
  if (end !== data.length) throw refuse(`${data.length - end} bytes follow its last tensor`);
  const all = header[METADATA_KEY] ?? {};
  if (!isObject(all) || !Object.values(all).every((value) => typeof value === 'string')) {
    throw refuse('its metadata are not text');
  }
  const { [SUM_KEY]: sum, ...metadata } = all as Record<string, string>;
  if (sum !== undefined && sum !== sumOf({ ...header, [METADATA_KEY]: metadata }, [data])) {
    throw refuse('it is damaged: its content does not match the SHA-256 sum in it');
  }
  return { tensors, metadata };
}

/** @param header without the sum itself */
function sumOf(header: Readonly<Record<string, unknown>>, data: readonly Uint8Array[]): string {
  const hash = createHash('sha256').update(JSON.stringify(header));
  for (const chunk of data) hash.update(chunk);
  return hash.digest('hex');
}

interface TensorEntry {
  dtype: 'F32';
  shape: number[];
  data_offsets: [number, number];
}

/** What is wrong with a header entry, or undefined when it is a TensorEntry. */
function entryProblem(entry: unknown): string | undefined {
  if (!isObject(entry)) return 'is not described by an object';
  if (entry.dtype !== 'F32') return `is of type ${shown(entry.dtype)}; only F32 is read`;
  const { shape, data_offsets: offsets } = entry;
  if (!isCounts(shape)) return 'has no valid shape';
  if (!isCounts(offsets) || offsets.length !== 2) return 'has no valid data offsets';
  const expected = elementCount(shape) * 4;
  const found = offsets[1] - offsets[0];
  if (found !== expected) return `has ${found} bytes, but its shape ${shown(shape)} needs ${expected}`;
  return undefined;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && (n as number) >= 0);
}

function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
