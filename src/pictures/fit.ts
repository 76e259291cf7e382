import { type Area, type Pixels, areaMean } from './areaMean.js';

/** How a picture that is not square becomes one: its middle, the whole between two bars, or the whole distorted. */
export const FITS = ['crop', 'pad', 'stretch'] as const;

export type Fit = (typeof FITS)[number];

/**
 * A picture at the size that a network takes.
 * @param size height and width
 * @param padding red, green and blue of the bars, 0…255
 * @returns height × width × 3 bytes
 */
export function fitPicture(
  picture: Pixels,
  fit: Fit,
  [height, width]: readonly [height: number, width: number, ...unknown[]],
  padding: readonly number[],
): Uint8Array {
  if (fit === 'pad') return padded(picture, height, width, padding);
  return toBytes(
    areaMean(picture, fit === 'crop' ? middle(picture, width / height) : whole(picture), { width, height }),
  );
}

const whole = ({ width, height }: Pixels): Area => ({ left: 0, top: 0, width, height });

/** The largest part of a picture's middle whose width is `ratio` times its height. */
function middle({ width, height }: Pixels, ratio: number): Area {
  const area = { width: Math.min(width, height * ratio), height: Math.min(height, width / ratio) };
  return { ...area, left: (width - area.width) / 2, top: (height - area.height) / 2 };
}

function padded(picture: Pixels, height: number, width: number, padding: readonly number[]): Uint8Array {
  const inner = shrunkInto(picture, height, width);
  const result = Uint8Array.from({ length: height * width * 3 }, (_, i) => Math.round(padding[i % 3]));
  const left = Math.floor((width - inner.width) / 2);
  const top = Math.floor((height - inner.height) / 2);
  for (let y = 0; y < inner.height; y++) {
    const row = inner.rgb.subarray(y * inner.width * 3, (y + 1) * inner.width * 3);
    result.set(row, ((top + y) * width + left) * 3);
  }
  return result;
}

/** The whole of a picture, undistorted, as large as fits into a rectangle. */
export function shrunkInto(picture: Pixels, height: number, width: number): Pixels {
  const scale = Math.min(width / picture.width, height / picture.height);
  const size = {
    width: Math.max(1, Math.round(picture.width * scale)),
    height: Math.max(1, Math.round(picture.height * scale)),
  };
  return { rgb: toBytes(areaMean(picture, whole(picture), size)), ...size };
}

const toBytes = (values: Float32Array): Uint8Array => Uint8Array.from(values, (value) => Math.round(value));
