import { Add, type TensorInfo } from '@tensorflow/tfjs-core';
import { dispatch } from '../dispatch.js';
import { gpuKernel } from '../kernel.js';
import { elementwiseShader } from '../shader.js';

const shader = elementwiseShader({
  name: Add,
  inputs: { a: 'float', b: 'float' },
  outputs: { y: 'float' },
  body: '  write_y(i, read_a(i) + read_b(i));',
});

/** Of activations or their gradients that lie in 16 bits; all other sums are tfjs's, in 32. */
export const addKernel = gpuKernel<Record<'a' | 'b', TensorInfo>, object>(Add, (backend, { a, b }) => {
  const isHalf = [a, b].some(({ dataId }) => backend.tensorMap.get(dataId).isHalf === true);
  if (!isHalf || a.shape.join() !== b.shape.join()) return undefined;
  return dispatch(backend, shader, { inputs: [a, b] })[0];
});
