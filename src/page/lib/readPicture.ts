import { CIFAR10 } from '../../dataset/cifar10';
import { type Fit, fitPicture } from '../../pictures/fit';
import type { Pixels } from '../../pictures/areaMean';

/** Above this a canvas cannot hold it. */
const MOST_PIXELS = 64e6;

/** A picture's pixels, turned as its EXIF data say, on white where it is transparent. */
export async function decodePicture(file: Blob): Promise<Pixels> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  } catch (error) {
    throw new Error('This is no picture that the browser can open.', { cause: error });
  }
  const { width, height } = bitmap;
  if (width * height > MOST_PIXELS) throw new Error(`It has more than ${MOST_PIXELS / 1e6} million pixels.`);
  const context = new OffscreenCanvas(width, height).getContext('2d');
  if (context === null) throw new Error('The browser gives no canvas to read it by.');
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const rgb = new Uint8Array(width * height * 3);
  for (let p = 0; p < width * height; p++) {
    rgb[3 * p] = data[4 * p];
    rgb[3 * p + 1] = data[4 * p + 1];
    rgb[3 * p + 2] = data[4 * p + 2];
  }
  return { rgb, width, height };
}

/** The image that a network is given of a picture, as `cifar predict` makes it. */
export function seenOf(picture: Pixels, fit: Fit): Uint8Array {
  const padding = CIFAR10.statistics.means.map((mean) => mean * 255);
  return fitPicture(picture, fit, CIFAR10.imageShape, padding);
}
