import type * as sharpPackage from 'sharp';
import { CifarError, messageOf } from '../util/errors.js';
import type { Pixels } from './areaMean.js';

/** The formats that are read, as sharp names them, and libvips their loaders. */
const LOADERS: Readonly<Record<string, string>> = {
  jpeg: 'VipsForeignLoadJpeg',
  png: 'VipsForeignLoadPng',
  webp: 'VipsForeignLoadWebp',
  gif: 'VipsForeignLoadNsgif',
  tiff: 'VipsForeignLoadTiff',
  heif: 'VipsForeignLoadHeif',
};

export const FORMATS = 'JPEG, PNG, WebP, AVIF, GIF and TIFF';

/** Above all cameras; in bytes, 3 a pixel, 384 MB. */
const MOST_PIXELS = 128e6;
const MOST_SECONDS = 60;

/** A picture that cannot be answered, in words that go after its name. */
export class PictureError extends CifarError {}

/**
 * Decodes a picture: turned as its EXIF data say, the first of several, on white where it is transparent, in the colours of
 * sRGB, 8 bits each. Nothing is resized.
 * @param bytes the content of a file
 * @throws PictureError when it is none, is cut short or damaged, or has more than 128 million pixels
 */
export async function decodePicture(bytes: Buffer): Promise<Pixels> {
  if (bytes.length === 0) throw new PictureError('the file is empty');
  const sharp = await loadSharp();
  try {
    // Warnings are what cameras leave behind; errors would make a picture of what is not there.
    const input = { failOn: 'error', limitInputPixels: MOST_PIXELS, pages: 1, autoOrient: true } as const;
    const { data, info } = await sharp(bytes, input)
      .timeout({ seconds: MOST_SECONDS })
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { rgb: data, width: info.width, height: info.height };
  } catch (error) {
    throw new PictureError(reasonOf(messageOf(error)), { cause: error });
  }
}

/** libvips's words in ours, where it has said what users meet. */
function reasonOf(message: string): string {
  const first = message.split('\n')[0].trim();
  if (/pixel limit/i.test(message)) return `it has more than ${MOST_PIXELS / 1e6} million pixels`;
  if (/unsupported image format|not in a known format|operation is blocked/i.test(message)) {
    return `it is no picture of a kind that is read (${FORMATS})`;
  }
  if (/timeout/i.test(message)) return `decoding it took more than ${MOST_SECONDS} s`;
  return `it is damaged, cut short, or of a rare kind (${first})`;
}

let loaded: typeof sharpPackage.default | undefined;

/** It is native code, in a package of its own for each platform, and takes a moment to load: only where pictures are read. */
async function loadSharp(): Promise<typeof sharpPackage.default> {
  if (loaded !== undefined) return loaded;
  let sharp: typeof sharpPackage.default;
  try {
    sharp = (await import('sharp')).default;
  } catch (error) {
    throw new CifarError(
      `Pictures are read by the package sharp, which cannot be loaded for this platform (${messageOf(error).split('\n')[0]}): install with optional packages (npm install --include=optional).`,
      { cause: error },
    );
  }
  // Each picture is decoded once, and drawings, documents and raw memory are none.
  sharp.cache(false);
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: Object.values(LOADERS) });
  return (loaded = sharp);
}
