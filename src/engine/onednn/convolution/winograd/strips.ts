import type { OneDnnBackend } from '../../backend.js';
import { type Assembler, Label, R } from '../../machine/assembler.js';
import type { ParallelCode } from '../../machine/parallelCode.js';
import { FLOAT_BYTES } from './tiling.js';

/** Bytes of eight channels. */
export const VECTOR = 32;

/** What the maps' code is given, eight bytes each, by their offsets. */
export const STRIP = {
  next: 0,
  strips: 8,
  images: 16,
  count: 24,
  planes: 32,
  planeBytes: 40,
  zeros: 48,
} as const;

/** Between images and planes. */
export interface StripArguments {
  /** Where the first image is, and how many there are. */
  readonly images: bigint;
  readonly count: number;
  readonly strips: number;
  /** Where the first plane is, and how far the next. */
  readonly planes: bigint;
  readonly planeBytes: number;
  /** As many zeros as a row of an image has bytes, where the code wants them. */
  readonly zeros: bigint;
}

/** How many strips so many images have. */
export const stripsOf = (images: number, rows: number, channels: number): number =>
  images * rows * Math.ceil((FLOAT_BYTES * channels) / VECTOR);

/** Maps strip after strip, each by the thread that comes for it first. */
export function mapStrips(
  backend: OneDnnBackend,
  code: ParallelCode,
  { images, count, strips, planes, planeBytes, zeros }: StripArguments,
): void {
  const values = BigInt64Array.of(
    0n,
    BigInt(strips),
    images,
    BigInt(count),
    planes,
    BigInt(planeBytes),
    zeros,
  );
  const block = backend.allocate(values.byteLength);
  try {
    backend.native.library.copyIn(block.pointer, new Uint8Array(values.buffer), values.byteLength);
    code.run(block.pointer);
  } finally {
    backend.pool.release(block);
  }
}

/** Bytes from one of a tensor's elements to the next of each kind. */
export interface Strides {
  readonly image: number;
  readonly block: number;
  readonly row: number;
  readonly pixel: number;
}

/** Images cut into tiles, and what their pixels are. */
export interface Strips {
  /** Of the images. */
  readonly height: number;
  readonly width: number;
  readonly strides: Strides;
  /** Of tiles. */
  readonly rows: number;
  readonly columns: number;
  /** Bytes of a pixel of a plane: of a block of channels, which has one or two vectors. */
  readonly block: number;
}

/**
 * Takes the next strip: a row of tiles in eight channels of an image, [block of channels, image, row, eight of the block]. Its row is in rsi, the addresses of its
 * first pixel and of its first tile's first plane in rcx and rbx. Jumps to `end` when there is none. The code that follows may change all registers
 * but rdi, and jumps back to the label returned.
 */
export function nextStrip(code: Assembler, tile: number, strips: Strips, end: Label): Label {
  const { rows, columns, strides, block } = strips;
  const vectors = block / VECTOR;
  const next = new Label();
  code.place(next);
  code.moveInteger(R.rbx, 1);
  code.exchangeAdd({ base: R.rdi, offset: STRIP.next }, R.rbx);
  code.compare(R.rbx, { base: R.rdi, offset: STRIP.strips });
  code.jumpIf('notLess', end);
  code.move(R.rax, R.rbx);
  code.moveInteger(R.rcx, vectors);
  code.divide(R.rcx);
  code.multiplyInteger(R.r8, R.rdx, VECTOR);
  code.multiplyInteger(R.rbx, R.rax, columns * block);
  code.add(R.rbx, R.r8);
  code.add(R.rbx, { base: R.rdi, offset: STRIP.planes });
  code.moveInteger(R.rcx, rows);
  code.divide(R.rcx);
  code.move(R.rsi, R.rdx);
  code.divide({ base: R.rdi, offset: STRIP.count });
  code.multiplyInteger(R.rcx, R.rsi, tile * strides.row);
  code.add(R.rcx, R.r8);
  code.add(R.rcx, { base: R.rdi, offset: STRIP.images });
  code.multiplyInteger(R.rdx, R.rdx, strides.image);
  code.add(R.rcx, R.rdx);
  code.multiplyInteger(R.rax, R.rax, strides.block);
  code.add(R.rcx, R.rax);
  return next;
}
