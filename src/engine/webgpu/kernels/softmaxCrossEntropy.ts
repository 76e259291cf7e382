import {
  SoftmaxCrossEntropy,
  type SoftmaxCrossEntropyAttrs,
  type SoftmaxCrossEntropyInputs,
} from '../../ops/SoftmaxCrossEntropy.js';
import {
  SoftmaxCrossEntropyGrad,
  type SoftmaxCrossEntropyGradAttrs,
  type SoftmaxCrossEntropyGradInputs,
} from '../../ops/SoftmaxCrossEntropyGrad.js';
import { dispatch } from '../dispatch.js';
import { gpuKernel } from '../kernel.js';
import { elementwiseShader } from '../shader.js';

/** A thread a row: there are few classes. */
const forward = elementwiseShader({
  name: SoftmaxCrossEntropy,
  inputs: { logits: 'f32', labels: 'f32' },
  outputs: { losses: 'f32', probabilities: 'f32' },
  params: { classes: 'u32', keep: 'f32', spread: 'f32' },
  body: `  let start = i * params.classes;
  var largest = logits[start];
  for (var c = 1u; c < params.classes; c++) { largest = max(largest, logits[start + c]); }
  var sum = 0.0;
  for (var c = 0u; c < params.classes; c++) { sum += exp(logits[start + c] - largest); }
  let logSum = log(sum);
  var loss = 0.0;
  for (var c = 0u; c < params.classes; c++) {
    let logProbability = logits[start + c] - largest - logSum;
    probabilities[start + c] = exp(logProbability);
    loss -= (params.keep * labels[start + c] + params.spread) * logProbability;
  }
  losses[i] = loss;`,
});

const backward = elementwiseShader({
  name: SoftmaxCrossEntropyGrad,
  inputs: { probabilities: 'f32', labels: 'f32', dLosses: 'f32' },
  outputs: { dLogits: 'f32' },
  params: { classes: 'u32', keep: 'f32', spread: 'f32' },
  body: `  let label = params.keep * labels[i] + params.spread;
  dLogits[i] = (probabilities[i] - label) * dLosses[i / params.classes];`,
});

const paramsOf = ([, classes]: readonly number[], labelSmoothing: number) => ({
  classes,
  keep: 1 - labelSmoothing,
  spread: labelSmoothing / classes,
});

export const softmaxCrossEntropyKernel = gpuKernel<SoftmaxCrossEntropyInputs, SoftmaxCrossEntropyAttrs>(
  SoftmaxCrossEntropy,
  (backend, { logits, labels }, { labelSmoothing }) =>
    dispatch(backend, forward, {
      inputs: [logits, labels],
      outputs: [[logits.shape[0]], logits.shape],
      params: paramsOf(logits.shape, labelSmoothing),
    }),
);

export const softmaxCrossEntropyGradKernel = gpuKernel<
  SoftmaxCrossEntropyGradInputs,
  SoftmaxCrossEntropyGradAttrs
>(SoftmaxCrossEntropyGrad, (backend, { probabilities, labels, dLosses }, { labelSmoothing }) => {
  const inputs = [probabilities, labels, dLosses];
  return dispatch(backend, backward, { inputs, params: paramsOf(probabilities.shape, labelSmoothing) })[0];
});
