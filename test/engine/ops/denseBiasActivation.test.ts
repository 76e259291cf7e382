import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, it } from 'vitest';
import { denseBiasActivation } from '../../../src/engine/ops/index.js';
import { selectBackend } from '../../../src/engine/select.js';
import { checkOp } from '../../helpers/gradients.js';

function naive(rows: number, inner: number, columns: number, activation: string) {
  return (x: Float64Array, kernel: Float64Array, bias?: Float64Array): Float64Array => {
    const y = new Float64Array(rows * columns);
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) {
        let sum = bias?.[c] ?? 0;
        for (let k = 0; k < inner; k++) sum += x[r * inner + k] * kernel[k * columns + c];
        y[r * columns + c] = activation === 'relu' ? Math.max(0, sum) : sum;
      }
    return y;
  };
}

describe.each(['cpu', 'wasm'] as const)('denseBiasActivation on %s', (backend) => {
  beforeAll(async () => {
    await selectBackend(backend);
  });

  describe.each(['linear', 'relu'] as const)('%s', (activation) => {
    it.each([
      { name: 'one of each', sizes: [1, 1, 1] },
      { name: 'odd 3×7·7×5', sizes: [3, 7, 5] },
      { name: 'one row', sizes: [1, 9, 4] },
      { name: 'one column', sizes: [6, 5, 1] },
      { name: 'tails of 8: 9×17·17×11', sizes: [9, 17, 11] },
    ])('$name', ({ name, sizes: [rows, inner, columns] }) => {
      const op = (x: Tensor, kernel: Tensor, bias?: Tensor) =>
        denseBiasActivation(
          x as Tensor2D,
          kernel as Tensor2D,
          (bias as Tensor1D | undefined) ?? null,
          activation,
        );
      for (const bias of [[[columns]], []]) {
        const shapes = [[rows, inner], [inner, columns], ...bias];
        const label = `${name}, ${activation}, ${bias.length} bias`;
        checkOp({ label, shapes, op, naive: naive(rows, inner, columns, activation) });
      }
    });
  });
});
