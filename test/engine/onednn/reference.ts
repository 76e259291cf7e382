/** Naive loops in doubles that kernels are compared with, and deterministic inputs. */
import type { backend_util } from '@tensorflow/tfjs-core';

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/**
 * Numbers in [-1, 1] that bf16 represents exactly (multiples of 1/64), so that a kernel in bf16 has its products
 * exact, and errs by its result's rounding alone.
 */
export function exactValues(shape: readonly number[], seed: number): Float32Array {
  let state = Math.imul(seed + 1, 0x9e3779b1);
  return Float32Array.from({ length: sizeOf(shape) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (((state >>> 16) % 129) - 64) / 64;
  });
}

export interface ConvCase {
  readonly name: string;
  /** NHWC */
  readonly x: readonly [number, number, number, number];
  /** HWIO */
  readonly filter: readonly [number, number, number, number];
  readonly strides: readonly [number, number];
  readonly pad: 'same' | 'valid' | backend_util.ExplicitPadding;
}

/** Padding before and after rows and columns. */
export function explicit(rows: [number, number], columns: [number, number]): backend_util.ExplicitPadding {
  return [[0, 0], rows, columns, [0, 0]];
}

export interface ConvPlan {
  readonly y: readonly [number, number, number, number];
  /** Calls back with offsets into x, filter and y for every product of the convolution. */
  readonly forEach: (visit: (x: number, filter: number, y: number) => void) => void;
}

export function planConv({ x, filter, strides, pad }: ConvCase): ConvPlan {
  const [n, h, w, c] = x;
  const [kh, kw, , o] = filter;
  const along = (axis: 0 | 1): { length: number; before: number } => {
    const [size, kernel, stride] = [[h, w][axis], [kh, kw][axis], strides[axis]];
    if (pad === 'same') {
      const length = Math.ceil(size / stride);
      return { length, before: Math.floor(Math.max(0, (length - 1) * stride + kernel - size) / 2) };
    }
    const [before, after] = pad === 'valid' ? [0, 0] : pad[1 + axis];
    return { length: Math.floor((before + size + after - kernel) / stride) + 1, before };
  };
  const [{ length: oh, before: top }, { length: ow, before: left }] = [along(0), along(1)];
  return {
    y: [n, oh, ow, o],
    forEach(visit) {
      for (let b = 0; b < n; b++)
        for (let i = 0; i < oh; i++)
          for (let j = 0; j < ow; j++)
            for (let p = 0; p < kh; p++)
              for (let q = 0; q < kw; q++) {
                const row = i * strides[0] + p - top;
                const column = j * strides[1] + q - left;
                if (row < 0 || row >= h || column < 0 || column >= w) continue;
                for (let ci = 0; ci < c; ci++)
                  for (let co = 0; co < o; co++)
                    visit(
                      ((b * h + row) * w + column) * c + ci,
                      ((p * kw + q) * c + ci) * o + co,
                      ((b * oh + i) * ow + j) * o + co,
                    );
              }
    },
  };
}

/** A sum and the sum of its terms' absolute values, to bound rounding errors with. */
export interface Accumulated {
  readonly value: Float64Array;
  readonly magnitude: Float64Array;
}

export function accumulator(size: number): Accumulated & { add(at: number, term: number): void } {
  const value = new Float64Array(size);
  const magnitude = new Float64Array(size);
  return {
    value,
    magnitude,
    add(at, term) {
      value[at] += term;
      magnitude[at] += Math.abs(term);
    },
  };
}

/**
 * Largest error in units of what is allowed: at most 1 passes, and NaN does not.
 * @param relative allowed share of the value itself (the result's rounding)
 * @param ofTerms allowed share of the sum of the terms' sizes (rounding while summing)
 */
export function worstError(
  actual: ArrayLike<number>,
  { value, magnitude }: Accumulated,
  relative: number,
  ofTerms = 1e-5,
): number {
  if (actual.length !== value.length) return Infinity;
  let worst = 0;
  for (let i = 0; i < value.length; i++) {
    const allowed = relative * Math.abs(value[i]) + ofTerms * magnitude[i] + 1e-30;
    worst = Math.max(worst, Math.abs(actual[i] - value[i]) / allowed);
  }
  return worst;
}
