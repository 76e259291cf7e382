import type * as h5wasm from 'h5wasm';

/** A file system of the library's own, in memory. */
interface MemoryFiles {
  readFile(path: string): Uint8Array;
  writeFile(path: string, bytes: Uint8Array): void;
  unlink(path: string): void;
}

/** Of the library's module, what its types leave out. */
interface Module {
  FS: MemoryFiles;
  activate_throwing_error_handler(): void;
}

let counter = 0;

/** The HDF5 library, loaded for those alone who need it (4 MB of WebAssembly), and a path for one file in its own file system. */
export async function memoryFile(): Promise<{ library: typeof h5wasm; FS: MemoryFiles; path: string }> {
  const library = await import('h5wasm');
  const module = (await library.ready) as unknown as Module;
  // In place of reports on the console.
  module.activate_throwing_error_handler();
  return { library, FS: module.FS, path: `/cifar-${counter++}.h5` };
}
