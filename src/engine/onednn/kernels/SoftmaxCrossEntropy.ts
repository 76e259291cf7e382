import type { TensorInfo } from '@tensorflow/tfjs-core';
import { SoftmaxCrossEntropy, type SoftmaxCrossEntropyAttrs } from '../../ops/SoftmaxCrossEntropy.js';
import { nativeKernel } from '../kernel.js';

/**
 * logits [N, C], labels [N, C] → [losses [N], probabilities [N, C]]. On the host, in doubles: it is N·C numbers,
 * next to the layers before it nothing.
 */
export const softmaxCrossEntropy = nativeKernel<
  { logits: TensorInfo; labels: TensorInfo },
  SoftmaxCrossEntropyAttrs
>(SoftmaxCrossEntropy, ({ logits, labels }, { labelSmoothing }, backend) => {
  const [rows, columns] = logits.shape;
  const x = backend.values(logits) as Float32Array;
  const y = backend.values(labels) as Float32Array;
  const losses = new Float32Array(rows);
  const probabilities = new Float32Array(rows * columns);
  const evenly = labelSmoothing / columns;
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    let largest = -Infinity;
    // Math.max, unlike a comparison, lets NaN through.
    for (let i = start; i < start + columns; i++) largest = Math.max(largest, x[i]);
    let total = 0;
    for (let i = start; i < start + columns; i++) total += Math.exp(x[i] - largest);
    const logTotal = Math.log(total);
    let loss = 0;
    for (let i = start; i < start + columns; i++) {
      const logProbability = x[i] - largest - logTotal;
      const label = (1 - labelSmoothing) * y[i] + evenly;
      probabilities[i] = Math.exp(logProbability);
      // 0·(−∞) is no loss: the class is neither wanted nor predicted.
      if (label !== 0) loss -= label * logProbability;
    }
    losses[row] = loss;
  }
  return [
    backend.fromHost(losses, [rows], 'float32'),
    backend.fromHost(probabilities, [rows, columns], 'float32'),
  ];
});
