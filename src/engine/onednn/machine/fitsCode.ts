/** Columns of images that code has room for on a thread's stack, and bytes of an image that its numbers of 32 bits reach. */
const [MOST_COLUMNS, MOST_IMAGE_BYTES] = [1024, 2 ** 31];

/** Whether code may work on images of that shape [N, H, W, C], f32 or shorter. */
export const fitsCode = ([, height, width, channels]: readonly number[]): boolean =>
  width <= MOST_COLUMNS && height * width * channels * Float32Array.BYTES_PER_ELEMENT < MOST_IMAGE_BYTES;
