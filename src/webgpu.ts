// Registers tfjs's own gradients, without which nothing trains.
import '@tensorflow/tfjs-layers';
import { EngineError } from './engine/errors.js';
import type { MachineMemory } from './engine/machineMemory.js';
import { openWebGpu } from './engine/webgpu/open.js';
import type { Gpu, StockModule } from './engine/webgpu/stock.js';

export { EngineError };

/** What a page keeps between visits; nothing where there is no page. */
const pageMemory: MachineMemory = {
  get: (key) => storage()?.getItem(`cifar ${key}`) ?? undefined,
  set: (key, value) => storage()?.setItem(`cifar ${key}`, String(value)),
};

interface PageStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

function storage(): PageStorage | undefined {
  try {
    return (globalThis as { localStorage?: PageStorage }).localStorage;
  } catch {
    // A page may be forbidden to keep anything.
    return undefined;
  }
}

/**
 * Makes a graphics card tfjs's backend, with the kernels that training needs, in a browser or wherever there is WebGPU: layers, training by
 * `model.fit` and all else compute there. Values are read by `data()` and `array()`: `dataSync()` throws. tfjs-core must be the program's
 * own one copy, 4.22. The first time with a card it tries every kernel for some seconds, and a page remembers what came of it.
 * @param stock all of `@tensorflow/tfjs-backend-webgpu` 4.22.0: `import * as stock from '@tensorflow/tfjs-backend-webgpu'`
 * @param gpu default: `navigator.gpu`; under Node.js that of the package `webgpu`
 * @throws EngineError when there is no adapter, or a kernel computes wrongly on it
 */
export async function useWebGpu(
  stock: unknown,
  gpu: unknown = (globalThis as { navigator?: { gpu?: unknown } }).navigator?.gpu,
): Promise<void> {
  if (gpu === undefined || gpu === null) {
    throw new EngineError('WebGPU is not here: a browser gives it to pages from https and localhost only.');
  }
  await openWebGpu(stock as StockModule, gpu as Gpu, { memory: pageMemory });
}
