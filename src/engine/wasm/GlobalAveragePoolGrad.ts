import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { GlobalAveragePoolGrad } from '../ops/GlobalAveragePoolGrad.js';
import type { GlobalAveragePoolGradAttrs } from '../ops/GlobalAveragePoolGrad.js';
import { floatsOf } from './heap.js';
import type { BackendWasm } from './heap.js';

/** Row copies where the portable kernel's Tile counts its way through every element. */
export const globalAveragePoolGradConfig: KernelConfig = {
  kernelName: GlobalAveragePoolGrad,
  backendName: 'wasm',
  kernelFunc: (params) => {
    const backend = params.backend as BackendWasm;
    const { dy } = params.inputs as { dy: TensorInfo };
    const { inputShape } = params.attrs as unknown as GlobalAveragePoolGradAttrs;
    const [images, height, width, channels] = inputShape;
    const positions = height * width;
    const dx = backend.makeOutput(inputShape, 'float32');
    const src = floatsOf(backend, dy);
    const dst = floatsOf(backend, dx);
    for (let image = 0; image < images; image++) {
      const row = src.slice(image * channels, (image + 1) * channels).map((value) => value / positions);
      for (let i = 0; i < positions; i++) dst.set(row, (image * positions + i) * channels);
    }
    return dx;
  },
};
