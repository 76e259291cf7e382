/** Convolutions and pools as plain loops over double-precision values, for comparison. */
import type { backend_util } from '@tensorflow/tfjs-core';

type Padding = 'same' | 'valid' | backend_util.ExplicitPadding;

/** A convolution's sizes; padding as TensorFlow's `same` (more at the end) and `valid`, or at each side of NHWC. */
export interface ConvCase {
  name: string;
  images: number;
  height: number;
  width: number;
  inChannels: number;
  outChannels: number;
  filter: [number, number];
  strides: [number, number];
  pad: Padding;
}

/** Shapes that meet kernels' edges: odd sizes, one channel, one pixel, strides, even filters, no padding. */
export const CONV_CASES: readonly ConvCase[] = [
  conv('3×3 same, odd 5×7, 3→6', [2, 5, 7], [3, 6]),
  conv('3×3 same, one image, one pixel', [1, 1, 1], [2, 3]),
  conv('3×3 valid', [2, 6, 5], [4, 5], { pad: 'valid' }),
  conv('1×1', [3, 4, 3], [5, 2], { filter: [1, 1] }),
  conv('2×2 same: one more row of padding at the end', [2, 5, 4], [3, 3], { filter: [2, 2] }),
  conv('5×3 same, one channel', [2, 6, 6], [1, 1], { filter: [5, 3] }),
  conv('3×3 same, stride 2, even size', [2, 6, 8], [3, 4], { strides: [2, 2] }),
  conv('3×3 valid, stride 2×3, a tail unused', [2, 8, 9], [2, 3], { pad: 'valid', strides: [2, 3] }),
  conv('2×2 stride 3: pixels no filter meets', [1, 8, 8], [2, 2], {
    filter: [2, 2],
    strides: [3, 3],
    pad: 'valid',
  }),
  conv('filter larger than the image', [2, 2, 3], [2, 3], { filter: [5, 5] }),
  conv('3×3 on odd 7×5, no padding at the end', [2, 7, 5], [3, 4], { pad: explicit([1, 0], [1, 0]) }),
  conv('2×3, stride 2×1, four paddings', [2, 6, 5], [2, 3], {
    filter: [2, 3],
    strides: [2, 1],
    pad: explicit([1, 0], [0, 2]),
  }),
];

function explicit(rows: [number, number], columns: [number, number]): backend_util.ExplicitPadding {
  return [[0, 0], rows, columns, [0, 0]];
}

function conv(
  name: string,
  [images, height, width]: [number, number, number],
  [inChannels, outChannels]: [number, number],
  options: Partial<Pick<ConvCase, 'filter' | 'strides' | 'pad'>> = {},
): ConvCase {
  const sizes = { images, height, width, inChannels, outChannels };
  return { name, ...sizes, filter: [3, 3], strides: [1, 1], pad: 'same', ...options };
}

/** Output length and padding before the first element along rows (0) or columns (1). */
function along(c: ConvCase, axis: 0 | 1) {
  const size = axis === 0 ? c.height : c.width;
  const [filter, stride] = [c.filter[axis], c.strides[axis]];
  if (c.pad === 'same') {
    const out = Math.ceil(size / stride);
    return { out, before: Math.floor(Math.max(0, (out - 1) * stride + filter - size) / 2) };
  }
  const [before, after] = c.pad === 'valid' ? [0, 0] : c.pad[1 + axis];
  return { out: Math.floor((before + size + after - filter) / stride) + 1, before };
}

/** The convolution's output shape [N, H', W', Cout]. */
export function convOutputShape(c: ConvCase): [number, number, number, number] {
  return [c.images, along(c, 0).out, along(c, 1).out, c.outChannels];
}

/** Calls `visit` with the positions of x, filter and y in every product x·filter that y sums up. */
export function visitConv(c: ConvCase, visit: (x: number, filter: number, y: number) => void): void {
  const [filterHeight, filterWidth] = c.filter;
  const [rows, columns] = [along(c, 0), along(c, 1)];
  for (let n = 0; n < c.images; n++)
    for (let r = 0; r < rows.out; r++)
      for (let q = 0; q < columns.out; q++)
        for (let i = 0; i < filterHeight; i++)
          for (let j = 0; j < filterWidth; j++) {
            const row = r * c.strides[0] + i - rows.before;
            const column = q * c.strides[1] + j - columns.before;
            if (row < 0 || row >= c.height || column < 0 || column >= c.width) continue;
            for (let a = 0; a < c.inChannels; a++)
              for (let b = 0; b < c.outChannels; b++)
                visit(
                  ((n * c.height + row) * c.width + column) * c.inChannels + a,
                  ((i * filterWidth + j) * c.inChannels + a) * c.outChannels + b,
                  ((n * rows.out + r) * columns.out + q) * c.outChannels + b,
                );
          }
}

/** Φ(x), the standard normal distribution's share below x, to 1e-12: its series near zero, a continued fraction beyond. */
export function normalShareBelow(x: number): number {
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (Math.abs(x) < 3) {
    let term = x;
    let total = x;
    for (let k = 3; k < 100; k += 2) total += term *= (x * x) / k;
    return 0.5 + density * total;
  }
  let fraction = 0;
  for (let k = 100; k > 0; k--) fraction = k / (Math.abs(x) + fraction);
  const tail = density / (Math.abs(x) + fraction);
  return x < 0 ? tail : 1 - tail;
}
