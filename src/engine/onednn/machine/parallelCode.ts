import { cpuFeatures } from '../cpuFeatures.js';
import { OneDnnError } from '../errors.js';
import type { NativeLibrary } from '../ffi/library.js';
import { Assembler } from './assembler.js';

/** mmap's: private and anonymous, to be read and written; mprotect's: to be read and executed. */
const [PRIVATE_ANONYMOUS, READ_WRITE, READ_EXECUTE] = [0x22, 3, 5];

/** Machine code as a function that the library's own threads run together. It owns its memory until `dispose`. */
export class ParallelCode {
  readonly bytes: number;
  readonly #address: bigint;
  readonly #linux: NonNullable<NativeLibrary['linux']>;
  readonly #gomp: NonNullable<NativeLibrary['gomp']>;

  /** @param code a function of an address (System V) that any number of threads may be in at once */
  constructor(library: NativeLibrary, code: Uint8Array) {
    const { linux, gomp } = library;
    if (linux === null || gomp === null)
      throw new OneDnnError('machine code needs Linux, and OpenMP of libgomp’s kind');
    this.#linux = linux;
    this.#gomp = gomp;
    this.bytes = code.length;
    const address = linux.mmap(0n, code.length, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0);
    // MAP_FAILED is −1.
    if (BigInt.asIntN(64, address) === -1n)
      throw new OneDnnError('the system gave no memory for machine code');
    this.#address = address;
    library.copyIn(address, code, code.length);
    // Never to be written and executed at once, which some systems forbid.
    if (linux.mprotect(address, code.length, READ_EXECUTE) !== 0) {
      this.dispose();
      throw new OneDnnError('the system does not let this process execute code of its own');
    }
  }

  /** Has all threads run the code on what lies at an address; returns when the last has ended. */
  run(argument: bigint): void {
    this.#gomp.GOMP_parallel(this.#address, argument, 0, 0);
  }

  dispose(): void {
    this.#linux.munmap(this.#address, this.bytes);
  }
}

/**
 * Whether machine code of this program's own can run beside the library: on Linux, on OpenMP's threads of libgomp's kind, where the system
 * lets a process execute what it has written.
 */
export function canRunCode(library: NativeLibrary): boolean {
  const features = cpuFeatures();
  const isKnown = process.arch === 'x64' && ['avx2', 'fma'].every((name) => features.includes(name));
  if (!isKnown) return false;
  const code = new Assembler();
  code.enter(0);
  code.leave();
  try {
    const nothing = new ParallelCode(library, code.finish());
    nothing.run(0n);
    nothing.dispose();
    return true;
  } catch (error) {
    if (error instanceof OneDnnError) return false;
    throw error;
  }
}
