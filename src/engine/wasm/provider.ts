import { env } from '@tensorflow/tfjs-core';
import { makeCurrent } from '../makeCurrent.js';
import type { BackendProvider } from '../provider.js';
import { MAX_HEAP_BYTES, guardAllocations } from './guardAllocations.js';
import { withoutNewListeners } from './ownListeners.js';
import { registerWasmTrainingKernels } from './register.js';

const PAGE_BYTES = 65536;

/** What Node has and its types leave to browsers'. */
interface WithWebAssembly {
  WebAssembly: { Memory: new (size: { initial: number; maximum: number }) => { buffer: ArrayBuffer } };
}

/** Whether the system gives the module the addresses it declares; how much memory it comes to use is another matter. */
function canReserve(): boolean {
  try {
    const { WebAssembly } = globalThis as unknown as WithWebAssembly;
    return new WebAssembly.Memory({ initial: 1, maximum: MAX_HEAP_BYTES / PAGE_BYTES }).buffer.byteLength > 0;
  } catch {
    return false;
  }
}

/** tfjs's WebAssembly backend with the kernels it lacks for training. Single-threaded under Node.js. */
export const wasmProvider: BackendProvider = {
  name: 'wasm',
  precisions: ['f32'],
  probe: async () => {
    const { version_wasm: version } = await import('@tensorflow/tfjs-backend-wasm');
    if (!canReserve()) {
      return {
        usable: false,
        version,
        reason: `its memory of ${Math.round(MAX_HEAP_BYTES / 2 ** 30)} GiB of address space cannot be reserved here (ulimit -v, a container's limit)`,
      };
    }
    const simd = await env().getAsync('WASM_HAS_SIMD_SUPPORT');
    return {
      usable: true,
      version,
      reason:
        simd === true
          ? 'part of this program, one thread with SIMD'
          : 'part of this program, one thread; slow here, without SIMD',
      maxHeapBytes: MAX_HEAP_BYTES,
      details: { simd: simd === true ? 'yes' : 'no', threads: '1' },
    };
  },
  activate: async () => {
    await import('@tensorflow/tfjs-backend-wasm');
    registerWasmTrainingKernels();
    await withoutNewListeners(() => makeCurrent('wasm'));
    guardAllocations();
    return { precision: 'f32', threads: 1 };
  },
};
