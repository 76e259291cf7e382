/** Operations on the bytes of an image of three channels (HWC), in place; `source` holds the same bytes. */

const clamp = (value: number): number => Math.max(0, Math.min(255, Math.trunc(value)));

/** factor·image + (1 − factor)·other, cut to bytes; `other` by element. In float32, as the reference: whole numbers are met from below, too. */
export function blend(image: Uint8Array, factor: number, other: (k: number) => number): void {
  const [own, rest] = [Math.fround(factor), Math.fround(1 - factor)];
  for (let k = 0; k < image.length; k++) {
    image[k] = clamp(Math.fround(Math.fround(own * image[k]) + Math.fround(rest * other(k))));
  }
}

/** The grey value of the pixel that begins at an element, as a byte (ITU-R 601). */
export function greyOf(image: Uint8Array, pixel: number): number {
  return Math.trunc(0.2989 * image[pixel] + 0.587 * image[pixel + 1] + 0.114 * image[pixel + 2]);
}

/** The mean of the grey values. */
export function meanGrey(image: Uint8Array): number {
  let sum = 0;
  for (let pixel = 0; pixel < image.length; pixel += 3) sum += greyOf(image, pixel);
  return sum / (image.length / 3);
}

/** The mean of an element's 3×3 neighbours, itself counted five times; at the border the element itself. */
export function smoothed(source: Uint8Array, k: number, height: number, width: number): number {
  const pixel = Math.floor(k / 3);
  const [row, column] = [Math.floor(pixel / width), pixel % width];
  if (row === 0 || column === 0 || row === height - 1 || column === width - 1) return source[k];
  let sum = 4 * source[k];
  for (let i = -1; i <= 1; i++) for (let j = -1; j <= 1; j++) sum += source[k + (i * width + j) * 3];
  return Math.round(sum / 13);
}

/** Keeps the highest bits of each byte. */
export function posterize(image: Uint8Array, bits: number): void {
  const mask = (0xff << (8 - bits)) & 0xff;
  for (let k = 0; k < image.length; k++) image[k] &= mask;
}

/** Inverts what is at least the threshold. */
export function solarize(image: Uint8Array, threshold: number): void {
  for (let k = 0; k < image.length; k++) if (image[k] >= threshold) image[k] = 255 - image[k];
}

/** Stretches each channel to 0…255. */
export function autoContrast(image: Uint8Array): void {
  for (let channel = 0; channel < 3; channel++) {
    let [low, high] = [255, 0];
    for (let k = channel; k < image.length; k += 3) {
      low = Math.min(low, image[k]);
      high = Math.max(high, image[k]);
    }
    if (low === high) continue;
    // In float32, as the reference computes it: halves are met.
    const scale = Math.fround(255 / (high - low));
    for (let k = channel; k < image.length; k += 3) image[k] = clamp(Math.fround((image[k] - low) * scale));
  }
}

/** Evens out each channel's histogram. */
export function equalize(image: Uint8Array): void {
  for (let channel = 0; channel < 3; channel++) {
    const counts = new Uint32Array(256);
    for (let k = channel; k < image.length; k += 3) counts[image[k]]++;
    const last = counts.findLast((count) => count > 0) ?? 0;
    const step = Math.floor((image.length / 3 - last) / 255);
    if (step === 0) continue;
    const table = new Uint8Array(256);
    let below = 0;
    for (let value = 0; value < 255; value++) {
      below += counts[value];
      table[value + 1] = Math.min(255, Math.floor((below + Math.floor(step / 2)) / step));
    }
    for (let k = channel; k < image.length; k += 3) image[k] = table[image[k]];
  }
}
