/**
 * Affine warp with bilinear interpolation; a point outside the image takes the value of the nearest point inside.
 * The same as `scipy.ndimage.affine_transform(channel, …, order=1, mode='nearest')` on each channel.
 *
 * @param src float32, NHWC with three channels
 * @param srcOffset element where the image begins
 * @param dst float32 of the same layout, must not overlap the image read
 * @param dstOffset element where the result begins
 * @param matrix six numbers, see `affineMatrix`
 */
export function warpAffine(
  src: Float32Array,
  srcOffset: number,
  dst: Float32Array,
  dstOffset: number,
  height: number,
  width: number,
  matrix: Float64Array,
): void {
  const [m0, m1, m2, m3, m4, m5] = matrix;
  const lastRow = height - 1;
  const lastColumn = width - 1;
  const rowStride = width * 3;
  let out = dstOffset;
  for (let i = 0; i < height; i++) {
    const rowStart = m0 * i + m2;
    const columnStart = m3 * i + m5;
    for (let j = 0; j < width; j++) {
      let row = rowStart + m1 * j;
      let column = columnStart + m4 * j;
      row = row < 0 ? 0 : row > lastRow ? lastRow : row;
      column = column < 0 ? 0 : column > lastColumn ? lastColumn : column;
      // Not negative, so truncation is the floor.
      const row0 = row | 0;
      const column0 = column | 0;
      const rowPart = row - row0;
      const columnPart = column - column0;
      // On the last row or column the second tap has weight 0 and only has to stay inside.
      const right = column0 < lastColumn ? 3 : 0;
      const below = row0 < lastRow ? rowStride : 0;
      const a = srcOffset + row0 * rowStride + column0 * 3;
      const b = a + right;
      const c = a + below;
      const d = c + right;

      const top0 = src[a] + (src[b] - src[a]) * columnPart;
      const bottom0 = src[c] + (src[d] - src[c]) * columnPart;
      dst[out] = top0 + (bottom0 - top0) * rowPart;
      const top1 = src[a + 1] + (src[b + 1] - src[a + 1]) * columnPart;
      const bottom1 = src[c + 1] + (src[d + 1] - src[c + 1]) * columnPart;
      dst[out + 1] = top1 + (bottom1 - top1) * rowPart;
      const top2 = src[a + 2] + (src[b + 2] - src[a + 2]) * columnPart;
      const bottom2 = src[c + 2] + (src[d + 2] - src[c + 2]) * columnPart;
      dst[out + 2] = top2 + (bottom2 - top2) * rowPart;
      out += 3;
    }
  }
}
