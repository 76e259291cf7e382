import { MemoryError } from '../errors.js';
import { OutPointer } from '../ffi/handles.js';
import type { NativeLibrary } from '../ffi/library.js';

/** A piece of native memory. Owned by whoever allocated it, until `release`. */
export interface Block {
  readonly pointer: bigint;
  /** Usable bytes: the size class, at least what was asked for. */
  readonly bytes: number;
}

export interface PoolStatistics {
  /** Bytes in blocks that are in use, and kept for reuse. */
  readonly usedBytes: number;
  readonly freeBytes: number;
  readonly peakBytes: number;
  readonly usedBlocks: number;
  /** Blocks asked from the system since the start; constant once training runs steadily. */
  readonly systemAllocations: number;
}

const cacheLine = 64;
const hugePage = 2 ** 21;
const adviceHugePage = 14;
/** From this size on the system is asked whether it has the memory, and blocks are made of huge pages. */
const largeBytes = 2 ** 22;
/** Left to the rest of the process and the system. */
const reserveBytes = 2 ** 27;

/** The next of eight sizes per power of two: at most an eighth is wasted, and equal tensors share a class. */
export function sizeClass(bytes: number): number {
  const least = Math.max(bytes, cacheLine);
  const step = Math.max(2 ** (Math.floor(Math.log2(least)) - 3), cacheLine);
  return Math.ceil(least / step) * step;
}

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/**
 * Native memory for tensors: blocks are reused by size class and counted; a fresh one comes from the system
 * only when no free one fits. Freed blocks go back to the system on `trim` and `dispose`, never by V8.
 */
export class MemoryPool {
  readonly #library: NativeLibrary;
  readonly #availableBytes: () => number;
  readonly #free = new Map<number, bigint[]>();
  #usedBytes = 0;
  #freeBytes = 0;
  #peakBytes = 0;
  #usedBlocks = 0;
  #systemAllocations = 0;

  /** @param availableBytes what the system can still give; replaceable in tests */
  constructor(library: NativeLibrary, availableBytes: () => number = () => process.availableMemory()) {
    this.#library = library;
    this.#availableBytes = availableBytes;
  }

  /** @throws MemoryError naming the sizes, when the system has too little */
  allocate(bytes: number): Block {
    const size = sizeClass(bytes);
    const pointer = this.#free.get(size)?.pop();
    if (pointer === undefined) return this.#use({ pointer: this.#fromSystem(size), bytes: size });
    this.#freeBytes -= size;
    return this.#use({ pointer, bytes: size });
  }

  release({ pointer, bytes }: Block): void {
    const list = this.#free.get(bytes);
    if (list === undefined) this.#free.set(bytes, [pointer]);
    else list.push(pointer);
    this.#usedBytes -= bytes;
    this.#usedBlocks--;
    this.#freeBytes += bytes;
  }

  statistics(): PoolStatistics {
    return {
      usedBytes: this.#usedBytes,
      freeBytes: this.#freeBytes,
      peakBytes: this.#peakBytes,
      usedBlocks: this.#usedBlocks,
      systemAllocations: this.#systemAllocations,
    };
  }

  /** Gives all free blocks back to the system. */
  trim(): void {
    for (const pointers of this.#free.values()) {
      for (const pointer of pointers) this.#library.libc.free(pointer);
    }
    this.#free.clear();
    this.#freeBytes = 0;
  }

  #use(block: Block): Block {
    this.#usedBytes += block.bytes;
    this.#usedBlocks++;
    this.#peakBytes = Math.max(this.#peakBytes, this.#usedBytes + this.#freeBytes);
    return block;
  }

  #fromSystem(size: number): bigint {
    this.#systemAllocations++;
    const isLarge = size >= largeBytes;
    // Linux promises memory it does not have and kills the process when it is touched: so look first.
    if (isLarge && !this.#fits(size)) {
      this.trim();
      if (!this.#fits(size)) throw this.#tooLittle(size);
    }
    const out = new OutPointer();
    const alignment = isLarge ? hugePage : cacheLine;
    if (this.#library.libc.posix_memalign(out.bytes, alignment, size) !== 0) {
      this.trim();
      if (this.#library.libc.posix_memalign(out.bytes, alignment, size) !== 0) throw this.#tooLittle(size);
    }
    // Fewer page faults and address translations; where the system does not do it, nothing is lost.
    if (isLarge) this.#library.linux?.madvise(out.value, size, adviceHugePage);
    return out.value;
  }

  #fits(size: number): boolean {
    return size + reserveBytes <= this.#availableBytes();
  }

  #tooLittle(size: number): MemoryError {
    return new MemoryError(
      `oneDNN backend: a tensor needs ${megabytes(size)}, but the system has ${megabytes(this.#availableBytes())} left; ` +
        `${megabytes(this.#usedBytes)} are in use by ${this.#usedBlocks} tensors. Use a smaller batch, or dispose of tensors.`,
    );
  }
}
