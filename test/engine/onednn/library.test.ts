import { describe, expect, it } from 'vitest';
import { LibraryError } from '../../../src/engine/onednn/errors.js';
import { LIBRARY_VARIABLE, loadLibrary } from '../../../src/engine/onednn/ffi/library.js';
import { denseStrides, isRowMajor, type Layout } from '../../../src/engine/onednn/ffi/layout.js';
import { check } from '../../../src/engine/onednn/ffi/status.js';

describe('opening the library', () => {
  it('a missing one: what was tried, how to install it, the override', () => {
    const load = (): unknown => loadLibrary({ [LIBRARY_VARIABLE]: '/nowhere/libdnnl.so' });
    expect(load).toThrow(LibraryError);
    expect(load).toThrow(/\/nowhere\/libdnnl\.so/);
    for (const part of [
      'apt-get install libdnnl2',
      'dnf install onednn',
      'pacman -S onednn',
      'brew install onednn',
    ])
      expect(load).toThrow(part);
    expect(load).toThrow(LIBRARY_VARIABLE);
  });

  it.skipIf(process.platform !== 'linux')('one that is something else', () => {
    expect(() => loadLibrary({ [LIBRARY_VARIABLE]: 'libc.so.6' })).toThrow(
      /libc\.so\.6 cannot be used as oneDNN/,
    );
  });

  it('a status that is not success names the call', () => {
    expect(() => check('dnnl_primitive_create', 3, 'convolution')).toThrow(
      'oneDNN: dnnl_primitive_create answered unimplemented (3): convolution',
    );
    expect(() => check('dnnl_primitive_create', 0)).not.toThrow();
  });
});

describe('layouts', () => {
  const layout = (
    dims: number[],
    strides: number[],
    innerBlocks: number[] = [],
    innerAxes: number[] = [],
  ): Layout => ({
    dims,
    paddedDims: dims,
    type: 'f32',
    isBlocked: true,
    offset: 0,
    strides,
    innerBlocks,
    innerAxes,
  });

  it('row-major or not', () => {
    expect(denseStrides([2, 3, 4])).toEqual([12, 4, 1]);
    expect(denseStrides([2, 3, 4], [0, 2, 1])).toEqual([12, 1, 3]);
    expect(isRowMajor(layout([2, 3], [3, 1]))).toBe(true);
    expect(isRowMajor(layout([2, 3], [1, 2]))).toBe(false);
    expect(isRowMajor(layout([2, 3], [4, 1])), 'with gaps').toBe(false);
    // NHWC axes over channels in blocks of 16: row-major only where there is one position.
    expect(isRowMajor(layout([5, 1, 1, 32], [32, 16, 16, 16], [16], [3]))).toBe(true);
    expect(isRowMajor(layout([5, 2, 1, 32], [64, 16, 16, 32], [16], [3]))).toBe(false);
    expect(isRowMajor(layout([5, 2, 1, 16], [32, 16, 16, 32], [16], [3]))).toBe(true);
  });
});
