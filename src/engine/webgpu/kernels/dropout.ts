import { SeededDropout, type SeededDropoutAttrs, type SeededDropoutInputs } from '../../ops/SeededDropout.js';
import {
  SeededDropoutGrad,
  type SeededDropoutGradAttrs,
  type SeededDropoutGradInputs,
} from '../../ops/SeededDropoutGrad.js';
import { maskKeys, maskThreshold } from '../../ops/dropoutMask.js';
import { dispatch } from '../dispatch.js';
import { gpuKernel } from '../kernel.js';
import { elementwiseShader } from '../shader.js';

/** The mask is that of `dropoutMask`, bit for bit: two elements a word, 16 bits each. */
const forward = elementwiseShader({
  name: SeededDropout,
  inputs: { x: 'float' },
  outputs: { y: 'float', mask: 'i32' },
  params: { dropBelow: 'u32', first: 'u32', second: 'u32', factor: 'f32' },
  head: `
fn scramble(word: u32) -> u32 {
  var x = (word ^ (word >> 16u)) * 0x7feb352du;
  x = (x ^ (x >> 15u)) * 0x846ca68bu;
  return x ^ (x >> 16u);
}`,
  body: `  let word = scramble(scramble((i & ~1u) + params.first) + params.second);
  let kept = select(word & 0xffffu, word >> 16u, (i & 1u) == 1u) >= params.dropBelow;
  write_y(i, select(0.0, read_x(i) * params.factor, kept));
  mask[i] = select(0, 1, kept);`,
});

const backward = elementwiseShader({
  name: SeededDropoutGrad,
  inputs: { dy: 'float', mask: 'i32' },
  outputs: { dx: 'float' },
  params: { factor: 'f32' },
  body: '  write_dx(i, select(0.0, read_dy(i) * params.factor, mask[i] != 0));',
});

export const seededDropoutKernel = gpuKernel<SeededDropoutInputs, SeededDropoutAttrs>(
  SeededDropout,
  (backend, { x }, attrs) =>
    dispatch(backend, forward, {
      inputs: [x],
      outputs: [x.shape, x.shape],
      dtypes: ['float32', 'bool'],
      params: { ...maskKeys(attrs), dropBelow: maskThreshold(attrs.rate), factor: 1 / (1 - attrs.rate) },
    }),
);

export const seededDropoutGradKernel = gpuKernel<SeededDropoutGradInputs, SeededDropoutGradAttrs>(
  SeededDropoutGrad,
  (backend, { dy, mask }, { rate }) =>
    dispatch(backend, backward, { inputs: [dy, mask], params: { factor: 1 / (1 - rate) } })[0],
);
