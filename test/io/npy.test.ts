import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readNpy, writeNpy } from '../../src/io/npy.js';
import { CifarError } from '../../src/util/errors.js';
import { lastingFolder } from '../helpers/folders.js';

const golden = join(import.meta.dirname, '..', 'golden', 'npy');
const python = '/usr/bin/python3';

/** Whether a Python with NumPy is here to read our files. */
function hasNumpy(): boolean {
  if (!existsSync(python)) return false;
  try {
    execFileSync(python, ['-c', 'import numpy'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const folder = lastingFolder();

/** The values scripts/golden/make-npy.py writes, in C order. */
const expected = (count: number) => Array.from({ length: count }, (_, k) => k / 8 - 2);

describe('files NumPy wrote', () => {
  const layouts = [2, 4, 8].flatMap((size) =>
    ['le', 'be'].flatMap((order) => ['c', 'f'].map((layout) => `f${size}-${order}-${layout}`)),
  );
  test.each([...layouts, 'version-2', 'version-3'])('%s', (name) => {
    const { shape, data } = readNpy(join(golden, `${name}.npy`));
    expect(shape).toEqual([3, 4, 5]);
    expect(Array.from(data)).toEqual(expected(60));
    const wide = name.startsWith('f8') || name === 'version-3';
    expect(data).toBeInstanceOf(wide ? Float64Array : Float32Array);
  });

  test('a scalar, a vector, an empty array', () => {
    expect(readNpy(join(golden, 'scalar.npy'))).toEqual({ shape: [], data: new Float32Array([-2]) });
    expect(readNpy(join(golden, 'vector.npy'))).toEqual({
      shape: [7],
      data: new Float32Array(expected(7)),
    });
    expect(readNpy(join(golden, 'empty.npy'))).toEqual({ shape: [0, 10], data: new Float32Array(0) });
  });

  test('NaN, infinities, signed zero and the extremes of half precision', () => {
    const { data } = readNpy(join(golden, 'special-f2.npy'));
    expect(Array.from(data)).toEqual([NaN, Infinity, -Infinity, -0, 2 ** -24, 65504]);
  });
});

describe('what is refused, with file and reason', () => {
  test.each([
    ['int64.npy', /int64\.npy.*"<i8".*expected floats/],
    ['complex.npy', /complex\.npy.*"<c8"/],
    ['bool.npy', /bool\.npy.*"\|b1"/],
    ['records.npy', /records\.npy.*several fields/],
    ['savez.npz', /savez\.npz.*not a NumPy \.npy file/],
    ['no-such.npy', /no-such\.npy.*no such file/],
  ])('%s', (name, message) => {
    expect(() => readNpy(join(golden, name))).toThrow(CifarError);
    expect(() => readNpy(join(golden, name))).toThrow(message);
  });

  /** A golden file with its bytes altered. */
  const altered = (change: (bytes: Buffer) => Buffer) => {
    const path = join(folder, 'altered.npy');
    writeFileSync(path, change(readFileSync(join(golden, 'f4-le-c.npy'))));
    return path;
  };
  test.each<[string, (bytes: Buffer) => Buffer, RegExp]>([
    ['data cut short', (b) => b.subarray(0, -1), /240 bytes of data, but 239 follow/],
    ['data too long', (b) => Buffer.concat([b, Buffer.alloc(4)]), /240 bytes of data, but 244 follow/],
    ['header cut short', (b) => b.subarray(0, 40), /ends within its header/],
    ['nothing but the start', (b) => b.subarray(0, 8), /not a NumPy/],
    ['an empty file', () => Buffer.alloc(0), /not a NumPy/],
    ['a version from the future', (b) => Buffer.from(b).fill(9, 6, 7), /format version is 9\.0/],
    [
      'a negative side',
      (b) => Buffer.from(b.toString('latin1').replace('(3, 4', '(-3,4'), 'latin1'),
      /shape is not understood/,
    ],
    [
      'no shape',
      (b) => Buffer.from(b.toString('latin1').replace("'shape'", "'shade'"), 'latin1'),
      /header is not understood/,
    ],
  ])('%s', (_, change, message) => {
    expect(() => readNpy(altered(change))).toThrow(message);
  });
});

describe('files we write', () => {
  test('come back as they were, with an aligned header and no part file', () => {
    const path = join(folder, 'ours.npy');
    const data = new Float32Array([0.1, -0, NaN, Infinity, 1e-45, 3.4e38]);
    writeNpy(path, data, [2, 3]);
    expect(readNpy(path)).toEqual({ shape: [2, 3], data });
    const bytes = readFileSync(path);
    expect((bytes.length - data.byteLength) % 64).toBe(0);
    expect(bytes.toString('latin1', 6, 8)).toBe('\x01\x00');
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  test('every length of header stays aligned', () => {
    for (const shape of [[], [1], [100, 10], Array<number>(40).fill(1)]) {
      const path = join(folder, 'shape.npy');
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.5);
      writeNpy(path, data, shape);
      expect((readFileSync(path).length - data.byteLength) % 64).toBe(0);
      expect(readNpy(path)).toEqual({ shape, data });
    }
  });

  test('a shape that does not fit, a folder that cannot be written', () => {
    expect(() => writeNpy(join(folder, 'x.npy'), new Float32Array(5), [2, 3])).toThrow(/6 elements.*5/);
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(() => writeNpy(join(file, 'x.npy'), new Float32Array(1), [1])).toThrow(CifarError);
  });

  test.skipIf(!hasNumpy())('NumPy reads them (needs python3-numpy)', () => {
    const path = join(folder, 'for-numpy.npy');
    writeNpy(path, new Float32Array(expected(60)), [3, 4, 5]);
    const script =
      'import sys, numpy as n; a = n.load(sys.argv[1]); ' +
      'print(a.dtype.str, a.shape, a.flags.c_contiguous, (a.ravel() == n.arange(60)/8-2).all())';
    const output = execFileSync(python, ['-c', script, path], { encoding: 'utf8' });
    expect(output.trim()).toBe('<f4 (3, 4, 5) True True');
  });
});
