import { Silu, type SiluInputs } from '../../ops/Silu.js';
import { SiluGrad, type SiluGradInputs } from '../../ops/SiluGrad.js';
import { dispatch } from '../dispatch.js';
import { gpuKernel } from '../kernel.js';
import { elementwiseShader } from '../shader.js';

const forward = elementwiseShader({
  name: Silu,
  inputs: { x: 'f32' },
  outputs: { y: 'f32' },
  body: '  y[i] = x[i] / (1.0 + exp(-x[i]));',
});

const backward = elementwiseShader({
  name: SiluGrad,
  inputs: { dy: 'f32', x: 'f32' },
  outputs: { dx: 'f32' },
  body: `  let share = 1.0 / (1.0 + exp(-x[i]));
  dx[i] = dy[i] * share * (1.0 + x[i] * (1.0 - share));`,
});

export const siluKernel = gpuKernel<SiluInputs, object>(
  Silu,
  (backend, { x }) => dispatch(backend, forward, { inputs: [x] })[0],
);

export const siluGradKernel = gpuKernel<SiluGradInputs, object>(
  SiluGrad,
  (backend, { dy, x }) => dispatch(backend, backward, { inputs: [dy, x] })[0],
);
