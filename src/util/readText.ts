import { readFileSync, statSync } from 'node:fs';

/** A text file above this size is not one of ours. */
const MAX_BYTES = 256 * 2 ** 20;

/**
 * Reads a text file as UTF-8, or as UTF-16 where its byte-order mark says so; the mark itself is left out.
 * @throws Node's error when it cannot be read, RangeError when it is larger than any that is meant
 */
export function readTextFile(path: string): string {
  const { size } = statSync(path);
  if (size > MAX_BYTES)
    throw new RangeError(`it has ${size} bytes, and no such file has more than ${MAX_BYTES}`);
  const bytes = readFileSync(path);
  return new TextDecoder(encodingOf(bytes)).decode(bytes);
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}
