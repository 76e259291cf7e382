import type { TensorInfo } from '@tensorflow/tfjs-core';
import { AdamUpdateAll, type AdamUpdateAllAttrs } from '../../ops/AdamUpdateAll.js';
import type { LerpAttrs } from '../../ops/Lerp.js';
import { LerpAll } from '../../ops/LerpAll.js';
import { ScaleAll, type ScaleAllAttrs } from '../../ops/ScaleAll.js';
import { SgdUpdateAll, type SgdUpdateAllAttrs } from '../../ops/SgdUpdateAll.js';
import { grouped } from '../../ops/tensorGroups.js';
import { gpuKernel } from '../kernel.js';
import { slabUpdateShader, updateSlabs } from '../slabUpdate.js';

const adam = slabUpdateShader({
  name: AdamUpdateAll,
  inputs: ['parameter', 'slots', 'gradient'],
  outputs: ['newParameter', 'newSlots'],
  perTensor: ['rate', 'kept'],
  params: { beta1: 'f32', rest1: 'f32', beta2: 'f32', rest2: 'f32', epsilon: 'f32' },
  body: `  let g = checked(gradient[i]);
  let mean = params.beta1 * slots[i] + params.rest1 * g;
  let square = params.beta2 * slots[params.size + i] + params.rest2 * g * g;
  newSlots[i] = mean;
  newSlots[params.size + i] = square;
  newParameter[i] = own.kept * parameter[i] - own.rate * mean / (sqrt(square) + params.epsilon);`,
});

const sgd = slabUpdateShader({
  name: SgdUpdateAll,
  inputs: ['parameter', 'momentum', 'gradient'],
  outputs: ['newParameter', 'newMomentum'],
  perTensor: ['rate', 'weightDecay'],
  params: { decay: 'f32', isNesterov: 'u32' },
  body: `  let g = checked(gradient[i]) + own.weightDecay * parameter[i];
  let b = params.decay * momentum[i] + g;
  newMomentum[i] = b;
  newParameter[i] = parameter[i] - own.rate * select(b, g + params.decay * b, params.isNesterov == 1u);`,
});

const scale = slabUpdateShader({
  name: ScaleAll,
  inputs: ['x'],
  outputs: ['y'],
  params: { factor: 'f32' },
  body: '  y[i] = params.factor * checked(x[i]);',
});

const lerp = slabUpdateShader({
  name: LerpAll,
  inputs: ['a', 'b'],
  outputs: ['y'],
  params: { shareOfA: 'f32', shareOfB: 'f32' },
  body: '  y[i] = params.shareOfA * a[i] + params.shareOfB * b[i];',
});

/** The two slots lie in one slab, one after the other: more bindings than eight not every device has. */
export const adamUpdateAllKernel = gpuKernel<TensorInfo[], AdamUpdateAllAttrs>(
  AdamUpdateAll,
  (backend, inputs, { learningRates, kept, beta1, beta2, epsilon }) => {
    const [parameters, m, v, gradients] = grouped(Object.values(inputs), 4);
    const { groups, flag } = updateSlabs(backend, adam, {
      groups: [parameters, [...m, ...v], gradients],
      outputs: [0, 1],
      perTensor: [learningRates, kept],
      params: { beta1, rest1: 1 - beta1, beta2, rest2: 1 - beta2, epsilon },
    });
    return [...groups.flat(), ...flag];
  },
);

export const sgdUpdateAllKernel = gpuKernel<TensorInfo[], SgdUpdateAllAttrs>(
  SgdUpdateAll,
  (backend, inputs, { learningRates, weightDecays, momentum, nesterov }) => {
    const { groups, flag } = updateSlabs(backend, sgd, {
      groups: grouped(Object.values(inputs), 3),
      outputs: [0, 1],
      perTensor: [learningRates, weightDecays],
      params: { decay: momentum, isNesterov: nesterov ? 1 : 0 },
    });
    return [...groups.flat(), ...flag];
  },
);

export const scaleAllKernel = gpuKernel<TensorInfo[], ScaleAllAttrs>(ScaleAll, (backend, inputs, params) => {
  const { groups, flag } = updateSlabs(backend, scale, {
    groups: [Object.values(inputs)],
    outputs: [0],
    params: { ...params },
  });
  return [...groups.flat(), ...flag];
});

export const lerpAllKernel = gpuKernel<TensorInfo[], LerpAttrs>(
  LerpAll,
  (backend, inputs, { t }) =>
    updateSlabs(backend, lerp, {
      groups: grouped(Object.values(inputs), 2),
      outputs: [0],
      params: { shareOfA: 1 - t, shareOfB: t },
    }).groups[0],
);
