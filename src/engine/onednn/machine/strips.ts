import type { OneDnnBackend } from '../backend.js';
import { Assembler, Label, R, VECTOR } from './assembler.js';

/** Bytes from one of a tensor's elements [N, H, W, C] to the next of each kind; channels are in blocks. */
export interface Strides {
  readonly image: number;
  readonly block: number;
  readonly row: number;
  readonly pixel: number;
}

/**
 * What code works through, each piece by the thread that comes for it first: rows (of pixels or of tiles) of images in eight channels,
 * [block of channels, image, row, vector of the block].
 */
export interface Strips {
  /** Of an image. */
  readonly rows: number;
  /** Of a block of channels: one or two. */
  readonly vectors: number;
}

/** Columns of images that code has room for on a thread's stack, and bytes of an image that its numbers of 32 bits reach. */
const [MOST_COLUMNS, MOST_IMAGE_BYTES] = [1024, 2 ** 31];

/** Whether code may work on images of that shape [N, H, W, C], f32. */
export const fitsCode = ([, height, width, channels]: readonly number[]): boolean =>
  width <= MOST_COLUMNS && height * width * channels * Float32Array.BYTES_PER_ELEMENT < MOST_IMAGE_BYTES;

/** Vectors of a block of channels. */
export const vectorsOf = ({ descriptors }: OneDnnBackend): number =>
  (descriptors.channelBlock * Float32Array.BYTES_PER_ELEMENT) / VECTOR;

/** The code's argument, eight bytes each: the next strip that nobody has begun, the number of strips, that of images, and then what is its own. */
const [NEXT, STRIPS, IMAGES, OWN] = [0, 8, 16, 24];

/** Where the i-th of a code's own arguments is. */
export const argument = (i: number): { base: number; offset: number } => ({
  base: R.rdi,
  offset: OWN + 8 * i,
});

/**
 * Code that takes strip after strip, until there is none. In what is done with one, its number, without the vector, is in rbx, its block in rax, its image in rdx,
 * its row in rsi, the bytes to its vector in r15; it may change all registers but rdi.
 * @param scratch bytes at rsp
 * @param oneStrip assembles what is done with a strip
 * @param first assembles what is done before the first
 */
export function stripsCode(
  { rows, vectors }: Strips,
  scratch: number,
  oneStrip: (code: Assembler) => void,
  first: (code: Assembler) => void = () => undefined,
): Uint8Array {
  const code = new Assembler();
  code.enter(scratch);
  first(code);
  const [next, end] = [new Label(), new Label()];
  code.place(next);
  code.moveInteger(R.rax, 1);
  code.exchangeAdd({ base: R.rdi, offset: NEXT }, R.rax);
  code.compare(R.rax, { base: R.rdi, offset: STRIPS });
  code.jumpIf('notLess', end);
  code.moveInteger(R.rcx, vectors);
  code.divide(R.rcx);
  code.multiplyInteger(R.r15, R.rdx, VECTOR);
  code.move(R.rbx, R.rax);
  code.moveInteger(R.rcx, rows);
  code.divide(R.rcx);
  code.move(R.rsi, R.rdx);
  code.divide({ base: R.rdi, offset: IMAGES });
  oneStrip(code);
  code.jump(next);
  code.place(end);
  code.leave();
  return code.finish();
}

/** to ← where a strip's first pixel is in images that the i-th argument is the address of, just after it was taken. Changes rcx. */
export function firstPixel(code: Assembler, to: number, i: number, strides: Strides, rowBytes: number): void {
  code.move(to, argument(i));
  code.add(to, R.r15);
  const steps = [
    [R.rax, strides.block],
    [R.rdx, strides.image],
    [R.rsi, rowBytes],
  ] as const;
  for (const [register, bytes] of steps) {
    code.multiplyInteger(R.rcx, register, bytes);
    code.add(to, R.rcx);
  }
}

/** Runs code on the strips of so many images. @param own its own arguments: addresses or numbers */
export function runStrips(
  backend: OneDnnBackend,
  key: string,
  assemble: () => Uint8Array,
  { images, rows, channels }: { images: number; rows: number; channels: number },
  own: readonly (bigint | number)[],
): void {
  const code = backend.machineCode(key, assemble);
  const strips = (images * rows * channels * Float32Array.BYTES_PER_ELEMENT) / VECTOR;
  const values = BigInt64Array.from([0, strips, images, ...own].map(BigInt));
  const block = backend.allocate(values.byteLength);
  try {
    backend.native.library.copyIn(block.pointer, new Uint8Array(values.buffer), values.byteLength);
    code.run(block.pointer);
  } finally {
    backend.pool.release(block);
  }
}
