/**
 * Fills a square of an image of three channels (HWC) with one colour, in place.
 * @param width of the image, pixels
 * @param top first row of the square, which lies inside the image
 * @param left first column of the square
 * @param size side of the square, pixels
 * @param colour a value a channel, on the scale of the image's
 */
export function cutout(
  image: Float32Array,
  offset: number,
  width: number,
  top: number,
  left: number,
  size: number,
  colour: readonly number[],
): void {
  const [value0, value1, value2] = colour;
  for (let row = top; row < top + size; row++) {
    const start = offset + (row * width + left) * 3;
    for (let k = start; k < start + size * 3; k += 3) {
      image[k] = value0;
      image[k + 1] = value1;
      image[k + 2] = value2;
    }
  }
}
