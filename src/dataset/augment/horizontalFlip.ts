/** Mirrors an image of three channels (HWC) left to right, in place. */
export function horizontalFlip(image: Float32Array, offset: number, height: number, width: number): void {
  const rowStride = width * 3;
  const end = offset + height * rowStride;
  for (let start = offset; start < end; start += rowStride) {
    let left = start;
    let right = start + rowStride - 3;
    while (left < right) {
      for (let channel = 0; channel < 3; channel++) {
        const value = image[left + channel];
        image[left + channel] = image[right + channel];
        image[right + channel] = value;
      }
      left += 3;
      right -= 3;
    }
  }
}
