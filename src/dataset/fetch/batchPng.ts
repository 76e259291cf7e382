import { PNG } from 'pngjs';
import { messageOf } from '../../util/errors.js';
import { CIFAR10 } from '../cifar10.js';
import { recordBytes } from '../descriptor.js';
import { SourceError } from './sourceError.js';

/** Pixels of one image, and so the width of the picture. */
const PIXELS = CIFAR10.imageShape[0] * CIFAR10.imageShape[1];
const RECORD_BYTES = recordBytes(CIFAR10);
const SIGNATURE = '89504e470d0a1a0a';

/**
 * Re-lays a batch that comes as one picture — 1024 RGB pixels wide, one image a row — into records of the binary
 * version: a label byte, then the red, green and blue planes.
 * @param name for messages
 * @param labels one class index an image
 * @throws SourceError when the picture is damaged or not of that form
 */
export function recordsFromPng(name: string, png: Buffer, labels: Uint8Array): Buffer {
  checkHeader(name, png, labels.length);
  let rgba: Buffer;
  try {
    rgba = PNG.sync.read(png).data;
  } catch (error) {
    throw new SourceError(`${name} is a damaged picture: ${messageOf(error)}.`, { cause: error });
  }
  const records = Buffer.alloc(labels.length * RECORD_BYTES);
  for (let i = 0; i < labels.length; i++) {
    const start = i * RECORD_BYTES;
    records[start] = labels[i];
    let from = i * PIXELS * 4;
    for (let red = start + 1; red <= start + PIXELS; red++) {
      records[red] = rgba[from];
      records[red + PIXELS] = rgba[from + 1];
      records[red + 2 * PIXELS] = rgba[from + 2];
      from += 4;
    }
  }
  return records;
}

/** Checks size and pixel format before the decoder allocates anything by them. */
function checkHeader(name: string, png: Buffer, images: number): void {
  if (
    png.length < 33 ||
    png.toString('hex', 0, 8) !== SIGNATURE ||
    png.toString('latin1', 12, 16) !== 'IHDR'
  ) {
    throw new SourceError(`${name} is not a PNG picture.`);
  }
  const [width, height, depth, colour] = [png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25]];
  if (width !== PIXELS || height !== images || depth !== 8 || colour !== 2) {
    throw new SourceError(
      `${name} is not a batch of images: expected ${PIXELS}×${images} pixels of 8-bit RGB, ` +
        `found ${width}×${height}, ${depth} bits, colour type ${colour}.`,
    );
  }
}
