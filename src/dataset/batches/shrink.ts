import type { ImageShape } from '../descriptor.js';

/** Shrinks a batch in place: its images then lie one after another from the beginning. */
export type ShrinkBatch = (images: Float32Array, count: number) => void;

/** The two neighbours that a position reads, and how much of the second it takes. */
interface Taps {
  readonly first: Uint16Array;
  readonly second: Uint16Array;
  readonly share: Float32Array;
}

/** Position i of `size` reads at (i + ½)·full/size − ½: pixels' centres are half a pixel from their edges. */
function taps(full: number, size: number): Taps {
  const first = new Uint16Array(size);
  const second = new Uint16Array(size);
  const share = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const at = Math.max(0, ((i + 0.5) * full) / size - 0.5);
    first[i] = Math.floor(at);
    second[i] = Math.min(first[i] + 1, full - 1);
    share[i] = at - first[i];
  }
  return { first, second, share };
}

/**
 * Makes a function that shrinks images of three channels bilinearly, without a filter before it (as `interpolate` of PyTorch does by
 * `bilinear` with `align_corners` and `antialias` false).
 * @param shape of the images as they come; at most 65,536 rows and columns
 * @param size side of the square images that they become, pixels, from 1 to the smaller side
 */
export function createShrink([height, width]: ImageShape, size: number): ShrinkBatch {
  const rows = taps(height, size);
  const columns = taps(width, size);
  return (images, count) => {
    // Never ahead of what is still to be read: position (i, j) reads row i and column j or later ones, of longer rows.
    let out = 0;
    for (let image = 0; image < count; image++) {
      const start = image * height * width * 3;
      for (let i = 0; i < size; i++) {
        const above = start + rows.first[i] * width * 3;
        const below = start + rows.second[i] * width * 3;
        const down = rows.share[i];
        for (let j = 0; j < size; j++) {
          const left = columns.first[j] * 3;
          const right = columns.second[j] * 3;
          const across = columns.share[j];
          for (let channel = 0; channel < 3; channel++) {
            const top = images[above + left + channel];
            const bottom = images[below + left + channel];
            const upper = top + across * (images[above + right + channel] - top);
            const lower = bottom + across * (images[below + right + channel] - bottom);
            images[out + channel] = upper + down * (lower - upper);
          }
          out += 3;
        }
      }
    }
  };
}
