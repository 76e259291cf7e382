import { MovingMoments, type MovingMomentsAttrs, type MovingMomentsInputs } from '../../ops/MovingMoments.js';
import { dispatch } from '../dispatch.js';
import { gpuKernel } from '../kernel.js';
import { elementwiseShader } from '../shader.js';

const shader = elementwiseShader({
  name: MovingMoments,
  inputs: { movingMean: 'f32', movingVariance: 'f32', mean: 'f32', variance: 'f32' },
  outputs: { newMean: 'f32', newVariance: 'f32' },
  params: { momentum: 'f32', rest: 'f32', varianceFactor: 'f32' },
  body: `  newMean[i] = params.momentum * movingMean[i] + params.rest * mean[i];
  newVariance[i] = params.momentum * movingVariance[i] + params.rest * (params.varianceFactor * variance[i]);`,
});

export const movingMomentsKernel = gpuKernel<MovingMomentsInputs, MovingMomentsAttrs>(
  MovingMoments,
  (backend, { movingMean, movingVariance, mean, variance }, { momentum, varianceFactor }) =>
    dispatch(backend, shader, {
      inputs: [movingMean, movingVariance, mean, variance],
      outputs: [movingMean.shape, movingMean.shape],
      params: { momentum, rest: 1 - momentum, varianceFactor },
    }),
);
