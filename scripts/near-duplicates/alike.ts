/** Largest move in pixels under which two pictures still count as one, and sizes of one in parts of the other. */
const MOVE = 3;
const SIZES = [0.9, 0.95, 1, 1.05, 1.1];
const SIDE = 32;
const CHANNELS = 3;

/** Sides of the boxes whose means' difference is compared: finer than the one is noise and compression, coarser than the other is background. */
const [FINE, COARSE] = [3, 9];

/**
 * How alike two images are: the largest correlation of their details (1: the same but for brightness and contrast) over small moves and
 * sizes, and mirroring. Of details, since skies, seas and meadows are alike.
 * @param a 3,072 bytes, HWC
 */
export function alikeness(a: Uint8Array, b: Uint8Array): number {
  const details = detailsOf(Float32Array.from(a));
  let best = -1;
  for (const size of SIZES) {
    const other = detailsOf(resized(b, size));
    for (const one of [other, mirrored(other)]) {
      for (let dy = -MOVE; dy <= MOVE; dy++) {
        for (let dx = -MOVE; dx <= MOVE; dx++) best = Math.max(best, correlation(details, one, dy, dx));
      }
    }
  }
  return best;
}

/** The image seen at another size about its middle, by linear interpolation; the border is repeated. */
function resized(image: Uint8Array, size: number): Float32Array {
  const result = new Float32Array(image.length);
  const middle = (SIDE - 1) / 2;
  const at = (y: number, x: number, c: number): number => image[(clamp(y) * SIDE + clamp(x)) * CHANNELS + c];
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const [v, u] = [middle + (y - middle) / size, middle + (x - middle) / size];
      const [top, left] = [Math.floor(v), Math.floor(u)];
      const [down, right] = [v - top, u - left];
      for (let c = 0; c < CHANNELS; c++) {
        const upper = at(top, left, c) * (1 - right) + at(top, left + 1, c) * right;
        const lower = at(top + 1, left, c) * (1 - right) + at(top + 1, left + 1, c) * right;
        result[(y * SIDE + x) * CHANNELS + c] = upper * (1 - down) + lower * down;
      }
    }
  }
  return result;
}

const clamp = (at: number): number => Math.max(0, Math.min(SIDE - 1, at));

function detailsOf(image: Float32Array): Float32Array {
  const [fine, coarse] = [boxMean(image, FINE), boxMean(image, COARSE)];
  return fine.map((value, i) => value - coarse[i]);
}

/** The mean of the box around each pixel, as far as it lies in the image. */
function boxMean(image: Float32Array, side: number): Float32Array {
  const reach = (side - 1) / 2;
  return alongRows(alongColumns(image, reach), reach);
}

function alongColumns(image: Float32Array, reach: number): Float32Array {
  return means(image, reach, SIDE * CHANNELS, (i) => Math.floor(i / (SIDE * CHANNELS)));
}

function alongRows(image: Float32Array, reach: number): Float32Array {
  return means(image, reach, CHANNELS, (i) => Math.floor(i / CHANNELS) % SIDE);
}

/** The mean over `reach` neighbours either way along one axis. */
function means(
  image: Float32Array,
  reach: number,
  stride: number,
  placeOf: (i: number) => number,
): Float32Array {
  return image.map((_, i) => {
    const place = placeOf(i);
    const [first, last] = [Math.max(0, place - reach), Math.min(SIDE - 1, place + reach)];
    let sum = 0;
    for (let at = first; at <= last; at++) sum += image[i + (at - place) * stride];
    return sum / (last - first + 1);
  });
}

function mirrored(image: Float32Array): Float32Array {
  return image.map((_, i) => {
    const [pixel, c] = [Math.floor(i / CHANNELS), i % CHANNELS];
    const [y, x] = [Math.floor(pixel / SIDE), pixel % SIDE];
    return image[(y * SIDE + SIDE - 1 - x) * CHANNELS + c];
  });
}

/** Pearson's, over the pixels that both have when one is moved. */
function correlation(a: Float32Array, b: Float32Array, dy: number, dx: number): number {
  let [n, sumA, sumB, aa, bb, ab] = [0, 0, 0, 0, 0, 0];
  const [left, right] = [Math.max(0, -dx), SIDE - Math.max(0, dx)];
  for (let y = Math.max(0, -dy); y < SIDE - Math.max(0, dy); y++) {
    const end = (y * SIDE + right) * CHANNELS;
    const move = (dy * SIDE + dx) * CHANNELS;
    for (let i = (y * SIDE + left) * CHANNELS; i < end; i++) {
      const [u, v] = [a[i], b[i + move]];
      n++;
      sumA += u;
      sumB += v;
      aa += u * u;
      bb += v * v;
      ab += u * v;
    }
  }
  const spread = Math.sqrt((n * aa - sumA * sumA) * (n * bb - sumB * sumB));
  return spread === 0 ? 0 : (n * ab - sumA * sumB) / spread;
}
