import type { NativeLibrary } from '../../src/engine/onednn/ffi/library.js';

const success = 0;
/** Calls that make a handle, in either major version. */
const makes = /^dnnl_.*_create(_with_\w+)?$|_desc_clone$/;
const destroys = /_destroy$/;
/** In 3.x only: in 2.x a memory descriptor is no handle. */
const makesInVersion3 = /^dnnl_memory_desc_permute_axes$/;

/** Handles of oneDNN that have been made and not destroyed since this was called: it wraps the library's functions. */
export function countHandles({ common, versioned }: NativeLibrary): () => number {
  let live = 0;
  const watch = (table: object): void => {
    const functions = table as Record<string, (...args: unknown[]) => unknown>;
    for (const [name, call] of Object.entries(functions)) {
      const isMade = makes.test(name) || (versioned.major === 3 && makesInVersion3.test(name));
      if (!isMade && !destroys.test(name)) continue;
      functions[name] = (...args) => {
        const status = call(...args);
        if (status === success) live += isMade ? 1 : -1;
        return status;
      };
    }
  };
  watch(common);
  watch(versioned.symbols);
  return () => live;
}
