import type { Abi } from './abi.js';
import type { NativeLibrary } from './library.js';
import type { MemoryDesc } from './memoryDesc.js';
import { check } from './status.js';

const execArgBytes = 16;

/** Memory objects for a primitive's arguments, one set for each thread that executes it at a time. It owns them until `dispose`. */
export class ArgumentSet {
  /** Handles, in the order of the arguments. */
  readonly memories: readonly bigint[];
  /** As the library takes them, `dnnl_exec_arg_t` each. */
  readonly packed: Uint8Array;
  readonly #library: NativeLibrary;

  /** @param descs by argument */
  constructor(
    { library, abi }: { library: NativeLibrary; abi: Abi },
    descs: ReadonlyMap<number, MemoryDesc>,
  ) {
    this.#library = library;
    this.memories = [...descs.values()].map((desc) => abi.createMemory(desc));
    this.packed = new Uint8Array(execArgBytes * descs.size);
    const view = new DataView(this.packed.buffer);
    [...descs.keys()].forEach((argument, index) => {
      view.setInt32(execArgBytes * index, argument, true);
      view.setBigUint64(execArgBytes * index + 8, this.memories[index], true);
    });
  }

  /** Has the memory object of an argument, by its place, stand for a buffer. */
  place(index: number, buffer: bigint): void {
    const { common } = this.#library;
    check('dnnl_memory_set_data_handle', common.dnnl_memory_set_data_handle(this.memories[index], buffer));
  }

  dispose(): void {
    const { common } = this.#library;
    for (const memory of this.memories) check('dnnl_memory_destroy', common.dnnl_memory_destroy(memory));
  }
}
