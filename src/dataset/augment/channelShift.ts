/**
 * Adds one amount to every value of an image and clips to the lowest and highest value that the image had, over all
 * its channels together (Keras's `apply_channel_shift`). In place.
 * @param length elements of the image
 * @param amount on the scale of the values
 */
export function channelShift(image: Float32Array, offset: number, length: number, amount: number): void {
  const end = offset + length;
  let low = image[offset];
  let high = low;
  for (let k = offset + 1; k < end; k++) {
    const value = image[k];
    if (value < low) low = value;
    else if (value > high) high = value;
  }
  for (let k = offset; k < end; k++) {
    const value = image[k] + amount;
    image[k] = value < low ? low : value > high ? high : value;
  }
}
