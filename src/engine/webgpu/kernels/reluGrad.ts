import { ReluGrad, type ReluGradInputs } from '../../ops/ReluGrad.js';
import { dispatch } from '../dispatch.js';
import { gpuKernel } from '../kernel.js';
import { elementwiseShader } from '../shader.js';

const shader = elementwiseShader({
  name: ReluGrad,
  inputs: { dy: 'float', y: 'float' },
  outputs: { dx: 'float' },
  body: '  write_dx(i, select(0.0, read_dy(i), read_y(i) > 0.0));',
});

export const reluGradKernel = gpuKernel<ReluGradInputs, object>(
  ReluGrad,
  (backend, { dy, y }) => dispatch(backend, shader, { inputs: [dy, y] })[0],
);
