import { Gelu, type GeluInputs } from '../../ops/Gelu.js';
import { GeluGrad, type GeluGradInputs } from '../../ops/GeluGrad.js';
import { dispatch } from '../dispatch.js';
import { gpuKernel } from '../kernel.js';
import { elementwiseShader } from '../shader.js';

/** The standard normal distribution's share below x, by the error function (Abramowitz and Stegun 1964, 7.1.26: |error| ≤ 1.5e-7). */
const SHARE_BELOW = `
fn shareBelow(x: f32) -> f32 {
  let z = abs(x) * ${Math.SQRT1_2};
  let t = 1.0 / (1.0 + 0.3275911 * z);
  let series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  let erf = sign(x) * (1.0 - series * exp(-z * z));
  return 0.5 + 0.5 * erf;
}`;

const forward = elementwiseShader({
  name: Gelu,
  inputs: { x: 'float' },
  outputs: { y: 'float' },
  head: SHARE_BELOW,
  body: `  let v = read_x(i);
  write_y(i, v * shareBelow(v));`,
});

const backward = elementwiseShader({
  name: GeluGrad,
  inputs: { dy: 'float', x: 'float' },
  outputs: { dx: 'float' },
  head: SHARE_BELOW,
  body: `  let v = read_x(i);
  write_dx(i, read_dy(i) * (shareBelow(v) + v * exp(-0.5 * v * v) * ${1 / Math.sqrt(2 * Math.PI)}));`,
});

export const geluKernel = gpuKernel<GeluInputs, object>(
  Gelu,
  (backend, { x }) => dispatch(backend, forward, { inputs: [x] })[0],
);

export const geluGradKernel = gpuKernel<GeluGradInputs, object>(
  GeluGrad,
  (backend, { dy, x }) => dispatch(backend, backward, { inputs: [dy, x] })[0],
);
