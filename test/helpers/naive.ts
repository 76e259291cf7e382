/** Convolutions and pools as plain loops over double-precision values, for comparison. */

/** A convolution's sizes; padding as TensorFlow's `same` (more at the end) and `valid`. */
export interface ConvCase {
  name: string;
  images: number;
  height: number;
  width: number;
  inChannels: number;
  outChannels: number;
  filter: [number, number];
  strides: [number, number];
  pad: 'same' | 'valid';
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
];

function conv(
  name: string,
  [images, height, width]: [number, number, number],
  [inChannels, outChannels]: [number, number],
  options: Partial<Pick<ConvCase, 'filter' | 'strides' | 'pad'>> = {},
): ConvCase {
  const sizes = { images, height, width, inChannels, outChannels };
  return { name, ...sizes, filter: [3, 3], strides: [1, 1], pad: 'same', ...options };
}

/** Output length and padding before the first element along one axis. */
function along(size: number, filter: number, stride: number, pad: 'same' | 'valid') {
  const out = pad === 'same' ? Math.ceil(size / stride) : Math.floor((size - filter) / stride) + 1;
  const total = pad === 'same' ? Math.max(0, (out - 1) * stride + filter - size) : 0;
  return { out, before: Math.floor(total / 2) };
}

/** The convolution's output shape [N, H', W', Cout]. */
export function convOutputShape(c: ConvCase): [number, number, number, number] {
  const rows = along(c.height, c.filter[0], c.strides[0], c.pad);
  const columns = along(c.width, c.filter[1], c.strides[1], c.pad);
  return [c.images, rows.out, columns.out, c.outChannels];
}

/** Calls `visit` with the positions of x, filter and y in every product x·filter that y sums up. */
export function visitConv(c: ConvCase, visit: (x: number, filter: number, y: number) => void): void {
  const [filterHeight, filterWidth] = c.filter;
  const rows = along(c.height, filterHeight, c.strides[0], c.pad);
  const columns = along(c.width, filterWidth, c.strides[1], c.pad);
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
