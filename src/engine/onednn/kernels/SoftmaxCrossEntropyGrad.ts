import type { TensorInfo } from '@tensorflow/tfjs-core';
import {
  SoftmaxCrossEntropyGrad,
  type SoftmaxCrossEntropyGradAttrs,
} from '../../ops/SoftmaxCrossEntropyGrad.js';
import { nativeKernel } from '../kernel.js';

interface Inputs {
  probabilities: TensorInfo;
  labels: TensorInfo;
  dLosses: TensorInfo;
}

/** (probabilities − smoothed labels)·dLosses [N, C]; on the host like the forward pass. */
export const softmaxCrossEntropyGrad = nativeKernel<Inputs, SoftmaxCrossEntropyGradAttrs>(
  SoftmaxCrossEntropyGrad,
  ({ probabilities, labels, dLosses }, { labelSmoothing }, backend) => {
    const [rows, columns] = probabilities.shape;
    const p = backend.values(probabilities) as Float32Array;
    const y = backend.values(labels) as Float32Array;
    const d = backend.values(dLosses) as Float32Array;
    const evenly = labelSmoothing / columns;
    const dLogits = new Float32Array(rows * columns);
    for (let i = 0; i < dLogits.length; i++) {
      const label = (1 - labelSmoothing) * y[i] + evenly;
      dLogits[i] = (p[i] - label) * d[Math.floor(i / columns)];
    }
    return backend.fromHost(dLogits, [rows, columns], 'float32');
  },
);
