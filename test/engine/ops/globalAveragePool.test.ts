import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, it } from 'vitest';
import { globalAveragePool } from '../../../src/engine/ops/index.js';
import { selectBackend } from '../../../src/engine/select.js';
import { checkOp } from '../../helpers/gradients.js';

describe.each(['cpu', 'wasm'] as const)('globalAveragePool on %s', (backend) => {
  beforeAll(async () => {
    await selectBackend(backend);
  });

  it.each([
    { name: 'odd 3×5', shape: [2, 3, 5, 7] },
    { name: 'one pixel', shape: [3, 1, 1, 2] },
    { name: 'one image, one channel', shape: [1, 4, 4, 1] },
  ])('$name', ({ name, shape }) => {
    const [images, height, width, channels] = shape;
    const positions = height * width;
    checkOp({
      label: name,
      shapes: [shape],
      op: (x: Tensor) => globalAveragePool(x as Tensor4D),
      naive: (x) => {
        const y = new Float64Array(images * channels);
        x.forEach((value, i) => {
          const image = Math.floor(i / (positions * channels));
          y[image * channels + (i % channels)] += value / positions;
        });
        return y;
      },
    });
  });
});
