import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.js';
import { CifarError } from '../../src/util/errors.js';
import { lastingFolder } from '../helpers/folders.js';

const folder = lastingFolder();
const path = join(folder, 'checkpoint.safetensors');

const tensors = new Map([
  ['conv/kernel', { shape: [2, 3], data: new Float32Array([1, -2, 3.5, NaN, Infinity, -0]) }],
  ['scalar', { shape: [], data: new Float32Array([7]) }],
  ['empty', { shape: [0, 4], data: new Float32Array(0) }],
  ['__proto__', { shape: [1], data: new Float32Array([1e-45]) }],
]);

test('tensors and metadata come back bit for bit', () => {
  writeSafetensors(path, tensors, { epoch: '3', note: 'größer ✓' });
  const read = readSafetensors(path);
  expect(read.metadata).toEqual({ epoch: '3', note: 'größer ✓' });
  expect(new Set(read.tensors.keys())).toEqual(new Set(tensors.keys()));
  for (const [name, { shape, data }] of tensors) {
    const found = read.tensors.get(name)!;
    expect(found.shape).toEqual(shape);
    expect(new Uint8Array(found.data.buffer)).toEqual(new Uint8Array(data.buffer));
  }
  expect(readdirSync(folder)).toEqual(['checkpoint.safetensors']);
});

test('the layout is the format’s: length, JSON padded to 8 bytes, data in order', () => {
  writeSafetensors(path, new Map([['a', { shape: [1], data: new Float32Array([1]) }]]), {});
  const bytes = readFileSync(path);
  const length = Number(bytes.readBigUInt64LE(0));
  expect(length % 8).toBe(0);
  expect(JSON.parse(bytes.toString('utf8', 8, 8 + length))).toEqual({
    __metadata__: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
  });
  expect(bytes.readFloatLE(8 + length)).toBe(1);
  expect(bytes.length).toBe(8 + length + 4);
});

test('a view into a larger buffer is written alone', () => {
  const data = new Float32Array([1, 2, 3, 4]).subarray(1, 3);
  writeSafetensors(path, new Map([['view', { shape: [2], data }]]), {});
  expect(readSafetensors(path).tensors.get('view')!.data).toEqual(new Float32Array([2, 3]));
});

test('a shape that does not fit its data, a reserved name', () => {
  const one = new Float32Array(1);
  expect(() => writeSafetensors(path, new Map([['a', { shape: [2], data: one }]]), {})).toThrow(
    /Tensor a: shape \[2\] does not fit 1 values/,
  );
  expect(() => writeSafetensors(path, new Map([['__metadata__', { shape: [1], data: one }]]), {})).toThrow(
    RangeError,
  );
});

describe('damaged files are refused by name', () => {
  /** Writes a file from a header (text or object) and a number of data bytes. */
  const file = (header: unknown, dataBytes: number, claimed?: number) => {
    const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(claimed ?? text.length));
    return Buffer.concat([length, text, Buffer.alloc(dataBytes)]);
  };
  const f32 = (from: number, to: number, shape = [(to - from) / 4]) => ({
    dtype: 'F32',
    shape,
    data_offsets: [from, to],
  });
  test.each<[string, Buffer, RegExp]>([
    ['too short', Buffer.alloc(7), /too short/],
    ['a header longer than the file', file({}, 0, 1000), /claims 1000 bytes/],
    ['a monstrous header', file({}, 0, 2 ** 60), /claims \d+ bytes/],
    ['not JSON', file('{"a":', 0), /not JSON/],
    ['not an object', file('[]', 0), /not a JSON object/],
    ['another type', file({ a: { ...f32(0, 4), dtype: 'F16' } }, 4), /"a" is of type "F16"/],
    ['a gap', file({ a: f32(0, 4), b: f32(8, 12) }, 12), /b begins at byte 8 of the data, not at 4/],
    ['an overlap', file({ a: f32(0, 8), b: f32(4, 12) }, 12), /b begins at byte 4 of the data, not at 8/],
    ['cut short', file({ a: f32(0, 8) }, 7), /a ends at byte 8, the data at 7/],
    ['bytes left over', file({ a: f32(0, 8) }, 9), /1 bytes follow/],
    ['a size unlike the shape', file({ a: f32(0, 8, [3]) }, 8), /"a" has 8 bytes.*needs 12/],
    ['a negative offset', file({ a: f32(-4, 4) }, 4), /no valid data offsets/],
    ['a fractional shape', file({ a: f32(0, 4, [0.5]) }, 4), /no valid shape/],
    ['no entry object', file({ a: 3 }, 0), /not described by an object/],
    ['metadata that are no text', file({ __metadata__: { a: 1 } }, 0), /metadata are not text/],
  ])('%s', (_, bytes, message) => {
    writeFileSync(path, bytes);
    expect(() => readSafetensors(path)).toThrow(CifarError);
    expect(() => readSafetensors(path)).toThrow(message);
    expect(() => readSafetensors(path)).toThrow(path);
  });

  test('a missing file', () => {
    expect(() => readSafetensors(join(folder, 'none'))).toThrow(/none.*no such file/);
  });
});
