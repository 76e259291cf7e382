import '@tensorflow/tfjs-layers';
import * as tf from '@tensorflow/tfjs-core';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import wasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import wasmSimd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import { makeCurrent } from '../../engine/makeCurrent';
import { registerPortableKernels } from '../../engine/ops/index';
import { registerWasmTrainingKernels } from '../../engine/wasm/register';
import { openWebGpu } from '../../engine/webgpu/open';
import type { Gpu, StockModule } from '../../engine/webgpu/stock';
import type { MachineMemory } from '../../engine/machineMemory';
import type { Device } from './messages';

/** Makes a device tfjs's current one. Threads of WebAssembly need headers that a plain server does not send: one is used. */
export async function openDevice(device: Device, trains: boolean, memory: MachineMemory): Promise<string> {
  if (device === 'webgpu') return openCard(trains, memory);
  const at = (path: string): string => new URL(path, import.meta.url).href;
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  setWasmPaths({
    'tfjs-backend-wasm.wasm': at(wasm),
    'tfjs-backend-wasm-simd.wasm': at(wasmSimd),
    // Never used, and asked for.
    'tfjs-backend-wasm-threaded-simd.wasm': at(wasmSimd),
  });
  registerWasmTrainingKernels();
  await makeCurrent('wasm');
  registerPortableKernels('wasm');
  return 'this computer’s processor (WebAssembly)';
}

/** @param trains false: only answers are wanted, by tfjs's own kernels, which need no trial */
async function openCard(trains: boolean, memory: MachineMemory): Promise<string> {
  const { gpu } = navigator as unknown as { gpu?: Gpu };
  if (gpu === undefined) throw new Error('This browser gives pages no graphics card (WebGPU).');
  const stock = await import('@tensorflow/tfjs-backend-webgpu');
  await openWebGpu(stock as unknown as StockModule, gpu, { trains, memory });
  const info = (await gpu.requestAdapter({ powerPreference: 'high-performance' }))?.info;
  const name = [info?.vendor, info?.architecture, info?.description].filter(Boolean).join(' ');
  return `the graphics card (WebGPU${name === '' ? '' : `: ${name}`})`;
}
