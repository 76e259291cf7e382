/**
 * Mixup (Zhang et al., 2017) within a batch, in place: image i of n becomes weight · itself + (1 − weight) · image
 * n − 1 − i.
 * @param images float32, the batch's images one after the other
 * @param size images of the batch, n
 * @param length values of an image
 * @param weight 0…1
 */
export function mixup(images: Float32Array, size: number, length: number, weight: number): void {
  const rest = 1 - weight;
  for (let first = 0, second = size - 1; first < second; first++, second--) {
    const toSecond = (second - first) * length;
    for (let k = first * length; k < (first + 1) * length; k++) {
      const a = images[k];
      const b = images[k + toSecond];
      images[k] = weight * a + rest * b;
      images[k + toSecond] = weight * b + rest * a;
    }
  }
}
