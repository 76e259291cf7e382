import type { OneDnnBackend } from '../backend.js';
import type { PostOp } from '../ffi/abi.js';
import { ARG } from '../ffi/enums.js';
import { randomBytes } from './randomBytes.js';

/** Bits of a random byte. Rates are rounded to multiples of 2⁻⁸. */
const byteBits = 8;

/**
 * How a mask is drawn: a rate of 1/4 takes two random bits an element, so that a random byte serves four elements;
 * 1/2 takes one, and most rates take all eight.
 */
export interface MaskPlan {
  /** An element is dropped where its byte is below. */
  readonly threshold: number;
  readonly bitsPerElement: number;
  readonly elementsPerByte: number;
}

/** @param rate share of the elements to drop, in [0, 1) */
export function planMask(rate: number): MaskPlan {
  const threshold = Math.round(rate * 2 ** byteBits);
  let bitsPerElement = byteBits;
  for (let t = threshold; bitsPerElement > 1 && t % 2 === 0; t /= 2) bitsPerElement--;
  return { threshold, bitsPerElement, elementsPerByte: Math.floor(byteBits / bitsPerElement) };
}

/**
 * Writes a mask: 1 where an element is kept, 0 where it is dropped. The mask's parts are drawn from the same bytes one after
 * another. Between two parts the bytes are folded at the middle of their range, v → |v − middle| − ½, once for each bit
 * that the part before has used: what is left is uniform again and independent of the bits used.
 * @param pointer room for `size` bytes
 * @param seed 32-bit integer
 * @param counter 32-bit integer
 */
export function drawMask(
  backend: OneDnnBackend,
  pointer: bigint,
  size: number,
  rate: number,
  seed: number,
  counter: number,
): void {
  const { threshold, bitsPerElement, elementsPerByte } = planMask(rate);
  const partSize = Math.ceil(size / elementsPerByte);
  const random = backend.allocate(partSize);
  try {
    randomBytes(partSize, seed, counter, (piece, at) => {
      backend.native.library.copyIn(random.pointer + BigInt(at), piece, piece.length);
    });
    for (let part = 0, start = 0; start < size; part++, start += partSize) {
      if (part > 0)
        fold(backend, random.pointer, partSize, byteBits - (part - 1) * bitsPerElement, bitsPerElement);
      const count = Math.min(partSize, size - start);
      compare(
        backend,
        random.pointer,
        pointer + BigInt(start),
        count,
        threshold / 2 ** (part * bitsPerElement),
      );
    }
  } finally {
    backend.pool.release(random);
  }
}

/** 1 where a byte is at least the threshold, else 0. */
function compare(backend: OneDnnBackend, src: bigint, dst: bigint, size: number, threshold: number): void {
  const vector = backend.descriptors.dense([size], 'u8');
  const scalar = backend.descriptors.dense([1], 'f32');
  // byte − (threshold − 1), cut to 0…1: comparisons of bytes exist as well, but not compiled.
  const primitive = backend.primitive(
    `maskCompare|${size}`,
    [ARG.src, ARG.src1, ARG.dst],
    () => ({ kind: 'binary', operation: 'sub', src0: vector, src1: scalar, dst: vector }),
    [{ kind: 'eltwise', function: 'clip', alpha: 0, beta: 1 }],
  );
  backend.execute(primitive, [src, backend.scalar(threshold - 1), dst]);
}

/** Folds bytes of `bits` bits in place, `times` times. */
function fold(backend: OneDnnBackend, pointer: bigint, size: number, bits: number, times: number): void {
  const vector = backend.descriptors.dense([size], 'u8');
  const scalar = backend.descriptors.dense([1], 'f32');
  const middle = (fold: number): number => (2 ** (bits - fold) - 1) / 2;
  // − middle, | |, − ½ − next middle, | |, …, − ½
  const shifts = Array.from({ length: times }, (_, i) => -0.5 - (i + 1 < times ? middle(i + 1) : 0));
  const { postOpBase } = backend.native.abi;
  const postOps = shifts.flatMap((): PostOp[] => [
    { kind: 'eltwise', function: 'abs' },
    { kind: 'binary', operation: 'add', src1: scalar },
  ]);
  const primitive = backend.primitive(
    `maskFold|${size}|${times}`,
    [ARG.src, ARG.src1, ARG.dst, ...shifts.map((_, i) => (postOpBase * (2 * i + 2)) | ARG.src1)],
    () => ({ kind: 'binary', operation: 'sub', src0: vector, src1: scalar, dst: vector }),
    postOps,
  );
  const value = (constant: number): bigint => backend.scalar(constant);
  backend.execute(primitive, [pointer, value(middle(0)), pointer, ...shifts.map(value)]);
}
