import type { OneDnnBackend } from '../backend.js';
import { type Address, Assembler, Label, type Lanes, R } from './assembler.js';

/** Bytes from one of a tensor's elements [N, H, W, C] to the next of each kind; channels are in blocks. */
export interface Strides {
  readonly image: number;
  readonly block: number;
  readonly row: number;
  readonly pixel: number;
  readonly channel: number;
}

/**
 * What code works through: rows (of pixels or of tiles) of images in a vector's channels, [block of channels, image, row, vector of the block]. Many that
 * follow one another are taken at once, by the thread that comes for them first: neighbours share lines of the cache, which would else go
 * back and forth between processors (scripts/LOG.md).
 */
export interface Strips {
  /** Of an image. */
  readonly rows: number;
  /** Of a block of channels: one or two, of so many channels. */
  readonly vectors: number;
  readonly lanes: Lanes;
}

/** How a block of channels is divided into vectors. @param lanes the most there may be */
export function vectorsOf(
  { descriptors: { channelBlock } }: OneDnnBackend,
  lanes: Lanes = channelBlock,
): Pick<Strips, 'vectors' | 'lanes'> {
  const taken = Math.min(lanes, channelBlock) as Lanes;
  return { vectors: channelBlock / taken, lanes: taken };
}

/** Into how many runs the strips are divided, about: threads that differ in speed end together nevertheless. */
const RUNS = 64;

/** The code's argument, eight bytes each: the next strip that nobody has begun, the number of strips, of those in a run, of images, and then what is its own. */
const [NEXT, STRIPS, RUN, IMAGES, OWN] = [0, 8, 16, 24, 32];

/** Where the i-th of a code's own arguments is. */
export const argument = (i: number): { base: number; offset: number } => ({
  base: R.rdi,
  offset: OWN + 8 * i,
});

/**
 * Code that takes run after run of strips, until there is none. In what is done with one, its number, without the vector, is in rbx, its block in rax, its image in rdx,
 * its row in rsi, its vector in r15; it may change all registers but rdi.
 * @param scratch bytes at rsp
 * @param oneStrip assembles what is done with a strip
 * @param first assembles what is done before the first
 */
export function stripsCode(
  { rows, vectors, lanes }: Strips,
  scratch: number,
  oneStrip: (code: Assembler) => void,
  first: (code: Assembler) => void = () => undefined,
): Uint8Array {
  const code = new Assembler(lanes);
  const at = (offset: number): Address => ({ base: R.rdi, offset });
  const [strip, runEnd] = [scratch, scratch + 8].map((offset) => ({ base: R.rsp, offset }));
  code.enter(scratch + 16);
  first(code);
  const [nextRun, nextStrip, end] = [new Label(), new Label(), new Label()];
  code.place(nextRun);
  code.move(R.rax, at(RUN));
  code.move(R.rcx, R.rax);
  code.exchangeAdd(at(NEXT), R.rax);
  code.compare(R.rax, at(STRIPS));
  code.jumpIf('notLess', end);
  code.add(R.rcx, R.rax);
  code.compare(R.rcx, at(STRIPS));
  code.moveIf('notLess', R.rcx, at(STRIPS));
  code.storeInteger(runEnd, R.rcx);
  code.place(nextStrip);
  code.storeInteger(strip, R.rax);
  code.moveInteger(R.rcx, vectors);
  code.divide(R.rcx);
  code.move(R.r15, R.rdx);
  code.move(R.rbx, R.rax);
  code.moveInteger(R.rcx, rows);
  code.divide(R.rcx);
  code.move(R.rsi, R.rdx);
  code.divide(at(IMAGES));
  oneStrip(code);
  code.move(R.rax, strip);
  code.addInteger(R.rax, 1);
  code.compare(R.rax, runEnd);
  code.jumpIf('less', nextStrip);
  code.jump(nextRun);
  code.place(end);
  code.leave();
  return code.finish();
}

/** to ← where a strip's first pixel is in images that the i-th argument is the address of, just after it was taken. Changes rcx. */
export function firstPixel(code: Assembler, to: number, i: number, strides: Strides, rowBytes: number): void {
  code.move(to, argument(i));
  const steps = [
    [R.r15, code.lanes * strides.channel],
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
  { images, rows, channels, lanes }: { images: number; rows: number; channels: number; lanes: Lanes },
  own: readonly (bigint | number)[],
): void {
  const code = backend.machineCode(key, assemble);
  const strips = (images * rows * channels) / lanes;
  const values = BigInt64Array.from([0, strips, Math.ceil(strips / RUNS), images, ...own].map(BigInt));
  const block = backend.allocate(values.byteLength);
  try {
    backend.native.library.copyIn(block.pointer, new Uint8Array(values.buffer), values.byteLength);
    code.run(block.pointer);
  } finally {
    backend.pool.release(block);
  }
}
