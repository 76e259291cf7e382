import { Silu, type SiluInputs } from '../../ops/Silu.js';
import { SiluGrad, type SiluGradInputs } from '../../ops/SiluGrad.js';
import { dispatch } from '../dispatch.js';
import { gpuKernel } from '../kernel.js';
import { elementwiseShader } from '../shader.js';

const forward = elementwiseShader({
  name: Silu,
  inputs: { x: 'float' },
  outputs: { y: 'float' },
  body: `  let v = read_x(i);
  write_y(i, v / (1.0 + exp(-v)));`,
});

const backward = elementwiseShader({
  name: SiluGrad,
  inputs: { dy: 'float', x: 'float' },
  outputs: { dx: 'float' },
  body: `  let v = read_x(i);
  let share = 1.0 / (1.0 + exp(-v));
  write_dx(i, read_dy(i) * share * (1.0 + v * (1.0 - share)));`,
});

export const siluKernel = gpuKernel<SiluInputs, object>(
  Silu,
  (backend, { x }) => dispatch(backend, forward, { inputs: [x] })[0],
);

export const siluGradKernel = gpuKernel<SiluGradInputs, object>(
  SiluGrad,
  (backend, { dy, x }) => dispatch(backend, backward, { inputs: [dy, x] })[0],
);
