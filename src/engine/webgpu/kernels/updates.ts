import { AdamUpdate, type AdamUpdateAttrs, type AdamUpdateInputs } from '../../ops/AdamUpdate.js';
import { Lerp, type LerpAttrs, type LerpInputs } from '../../ops/Lerp.js';
import { SgdUpdate, type SgdUpdateAttrs, type SgdUpdateInputs } from '../../ops/SgdUpdate.js';
import { dispatch } from '../dispatch.js';
import { gpuKernel } from '../kernel.js';
import { elementwiseShader } from '../shader.js';

const adam = elementwiseShader({
  name: AdamUpdate,
  inputs: { parameter: 'f32', m: 'f32', v: 'f32', gradient: 'f32' },
  outputs: { newParameter: 'f32', newM: 'f32', newV: 'f32' },
  params: { rate: 'f32', beta1: 'f32', rest1: 'f32', beta2: 'f32', rest2: 'f32', epsilon: 'f32' },
  body: `  let g = gradient[i];
  let mean = params.beta1 * m[i] + params.rest1 * g;
  let square = params.beta2 * v[i] + params.rest2 * g * g;
  newM[i] = mean;
  newV[i] = square;
  newParameter[i] = parameter[i] - params.rate * mean / (sqrt(square) + params.epsilon);`,
});

const sgd = elementwiseShader({
  name: SgdUpdate,
  inputs: { parameter: 'f32', momentum: 'f32', gradient: 'f32' },
  outputs: { newParameter: 'f32', newMomentum: 'f32' },
  params: { rate: 'f32', decay: 'f32', weightDecay: 'f32', isNesterov: 'u32' },
  body: `  let g = gradient[i] + params.weightDecay * parameter[i];
  let b = params.decay * momentum[i] + g;
  newMomentum[i] = b;
  newParameter[i] = parameter[i] - params.rate * select(b, g + params.decay * b, params.isNesterov == 1u);`,
});

const lerp = elementwiseShader({
  name: Lerp,
  inputs: { a: 'f32', b: 'f32' },
  outputs: { y: 'f32' },
  params: { shareOfA: 'f32', shareOfB: 'f32' },
  body: '  y[i] = params.shareOfA * a[i] + params.shareOfB * b[i];',
});

export const adamUpdateKernel = gpuKernel<AdamUpdateInputs, AdamUpdateAttrs>(
  AdamUpdate,
  (backend, { parameter, m, v, gradient }, { learningRate, beta1, beta2, epsilon }) =>
    dispatch(backend, adam, {
      inputs: [parameter, m, v, gradient],
      outputs: [parameter.shape, m.shape, v.shape],
      params: { rate: learningRate, beta1, rest1: 1 - beta1, beta2, rest2: 1 - beta2, epsilon },
    }),
);

export const sgdUpdateKernel = gpuKernel<SgdUpdateInputs, SgdUpdateAttrs>(
  SgdUpdate,
  (backend, { parameter, momentum, gradient }, attrs) =>
    dispatch(backend, sgd, {
      inputs: [parameter, momentum, gradient],
      outputs: [parameter.shape, momentum.shape],
      params: {
        ...{ rate: attrs.learningRate, decay: attrs.momentum, weightDecay: attrs.weightDecay },
        isNesterov: attrs.nesterov ? 1 : 0,
      },
    }),
);

export const lerpKernel = gpuKernel<LerpInputs, LerpAttrs>(
  Lerp,
  (backend, { a, b }, { t }) =>
    dispatch(backend, lerp, { inputs: [a, b], params: { shareOfA: 1 - t, shareOfB: t } })[0],
);
