import { PictureError } from './decode.js';

/** Larger than any picture of as many pixels as are read. */
export const MOST_BYTES = 256 * 2 ** 20;

/**
 * All of a stream's bytes.
 * @param most bytes, at which it is given up
 * @throws PictureError when there are more
 */
export async function readBytes(stream: AsyncIterable<Uint8Array>, most = MOST_BYTES): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop ends the stream.
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > most)
      throw new PictureError(`it has more than ${most / 2 ** 20} MiB, as no picture that is read here`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
