import { MaxPoolGrad, type MaxPoolGradAttrs, type MaxPoolGradInputs } from '@tensorflow/tfjs-core';
import { nativeKernel } from '../kernel.js';
import { pairedMaxPoolGradient, pairedOf } from '../pooling/pairedMaxPool.js';
import { pool, poolGradient, poolingOfTensor } from '../pooling/pooling.js';

/** Gives each gradient to the place its maximum came from, which the forward pass has noted with its output. */
export const maxPoolGrad = nativeKernel<MaxPoolGradInputs, MaxPoolGradAttrs>(
  MaxPoolGrad,
  ({ dy, input, output }, attrs, backend) => {
    const paired = pairedOf(backend, input, attrs);
    if (paired !== null) return pairedMaxPoolGradient(backend, paired, output, dy);
    const pooling = poolingOfTensor(backend, 'max', input, attrs);
    if (pooling === null) return null;
    const noted = backend.storage(output).workspace;
    if (noted?.key === pooling.key) return poolGradient(backend, pooling, dy, noted.block.pointer);
    // The output is of another backend or layout: pool again for the places alone.
    const again = pool(backend, pooling, input, true);
    const workspace = backend.storage(again).workspace;
    const dx = poolGradient(backend, pooling, dy, workspace === null ? null : workspace.block.pointer);
    backend.disposeData(again.dataId);
    return dx;
  },
);
