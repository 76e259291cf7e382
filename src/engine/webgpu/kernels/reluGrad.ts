import { ReluGrad, type ReluGradInputs } from '../../ops/ReluGrad.js';
import { dispatch } from '../dispatch.js';
import { gpuKernel } from '../kernel.js';
import { elementwiseShader } from '../shader.js';

const shader = elementwiseShader({
  name: ReluGrad,
  inputs: { dy: 'f32', y: 'f32' },
  outputs: { dx: 'f32' },
  body: '  dx[i] = select(0.0, dy[i], y[i] > 0.0);',
});

export const reluGradKernel = gpuKernel<ReluGradInputs, object>(
  ReluGrad,
  (backend, { dy, y }) => dispatch(backend, shader, { inputs: [dy, y] })[0],
);
