/** A part of an image, pixels. */
export interface Rectangle {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/**
 * The part of an image that covers a share of its area, of the image's proportions and rounded to pixels; what lies
 * outside the image is cut off.
 * @param share of the image's area, 0…1
 * @param row of the centre, in the image
 * @param column of the centre, in the image
 */
export function rectangleAround(
  row: number,
  column: number,
  share: number,
  height: number,
  width: number,
): Rectangle {
  const span = (centre: number, side: number): [start: number, length: number] => {
    const wanted = Math.round(side * Math.sqrt(share));
    const start = centre - (wanted >> 1);
    const inside = Math.max(0, start);
    return [inside, Math.min(side, start + wanted) - inside];
  };
  const [top, rows] = span(row, height);
  const [left, columns] = span(column, width);
  return { top, left, height: rows, width: columns };
}

/**
 * Cutmix (Yun et al., 2019) within a batch, in place: images i and n − 1 − i of n swap a rectangle.
 * @param images float32, NHWC with three channels
 * @param size images of the batch, n
 * @param height of an image, pixels
 * @param width of an image, pixels
 */
export function cutmix(
  images: Float32Array,
  size: number,
  height: number,
  width: number,
  rectangle: Rectangle,
): void {
  const length = height * width * 3;
  const rowLength = rectangle.width * 3;
  for (let first = 0, second = size - 1; first < second; first++, second--) {
    const toSecond = (second - first) * length;
    for (let row = rectangle.top; row < rectangle.top + rectangle.height; row++) {
      const start = first * length + (row * width + rectangle.left) * 3;
      for (let k = start; k < start + rowLength; k++) {
        const value = images[k];
        images[k] = images[k + toSecond];
        images[k + toSecond] = value;
      }
    }
  }
}
