import { backend } from '@tensorflow/tfjs-core';
import { EngineError } from '../errors.js';

interface WasmModule {
  _malloc(bytes: number): number;
  _free(address: number): void;
  HEAPU8: Uint8Array;
}

/** The largest heap of tfjs's WASM module: 2¹⁶ pages of 64 KiB but one, as its memory is declared. */
export const MAX_HEAP_BYTES = 65535 * 65536;

/** The WASM heap cannot hold another tensor. */
export class WasmOutOfMemoryError extends EngineError {
  constructor(bytes: number, heapBytes: number) {
    const [wanted, heap] = [bytes, heapBytes].map((size) => `${Math.round(size / 2 ** 20)} MiB`);
    super(
      `The WASM backend has no room for a tensor of ${wanted}: its heap is ${heap} and can grow to 4096 MiB at most. Use a smaller batch.`,
    );
  }
}

const guarded = new WeakSet<WasmModule>();

/**
 * Makes the current WASM backend throw when its heap is full. Upstream does not look at what the allocation returns: it
 * would put the tensor at address 0, over other data, and compute wrong results.
 */
export function guardAllocations(): void {
  const { wasm } = backend() as unknown as { wasm: WasmModule };
  if (guarded.has(wasm)) return;
  guarded.add(wasm);
  // At its first call the module's allocator puts another function in its own place.
  wasm._free(wasm._malloc(1));
  const allocate = wasm._malloc.bind(wasm);
  wasm._malloc = (bytes) => {
    // The module takes sizes modulo 2³².
    const address = bytes > MAX_HEAP_BYTES ? 0 : allocate(bytes);
    if (address === 0 && bytes > 0) throw new WasmOutOfMemoryError(bytes, wasm.HEAPU8.length);
    return address;
  };
}
