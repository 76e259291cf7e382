import { env } from '@tensorflow/tfjs-core';
import { makeCurrent } from '../makeCurrent.js';
import type { BackendProvider } from '../provider.js';
import { MAX_HEAP_BYTES, guardAllocations } from './guardAllocations.js';
import { registerWasmTrainingKernels } from './register.js';

/** tfjs's WebAssembly backend with the kernels it lacks for training. Single-threaded under Node.js. */
export const wasmProvider: BackendProvider = {
  name: 'wasm',
  probe: async () => {
    const { version_wasm: version } = await import('@tensorflow/tfjs-backend-wasm');
    const simd = await env().getAsync('WASM_HAS_SIMD_SUPPORT');
    return {
      usable: true,
      version,
      reason:
        simd === true
          ? 'always there, one thread with SIMD'
          : 'always there, one thread; slow here, without SIMD',
      maxHeapBytes: MAX_HEAP_BYTES,
      details: { simd: simd === true ? 'yes' : 'no', threads: '1' },
    };
  },
  activate: async () => {
    await import('@tensorflow/tfjs-backend-wasm');
    registerWasmTrainingKernels();
    await makeCurrent('wasm');
    guardAllocations();
    return { precision: 'f32', threads: 1 };
  },
};
