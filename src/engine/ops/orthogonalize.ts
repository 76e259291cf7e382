import { add, div, matMul, mul, sqrt, square, sum, tidy } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { MUON_COEFFICIENTS } from './muonCoefficients.js';

/**
 * Root of the sum of squares over all of a tensor.
 * @param x any shape, float32
 */
export function frobeniusNorm(x: Tensor): Scalar {
  return tidy(() => sqrt(sum<Scalar>(square(x))));
}

/**
 * The nearest matrix with orthonormal rows (or columns, where there are fewer), nearly: with M = U·S·Vᵀ it is about U·Vᵀ.
 * Newton-Schulz iteration on X = M/‖M‖: X ← a·X + (b·A + c·A²)·X with A = X·Xᵀ, taken from the shorter side. Has no gradient.
 * @param matrix [rows, columns], float32
 * @param steps of the iteration, at least 0; each raises singular values below about .3 by a factor of up to 3.4
 * @param coefficients a, b, c
 * @returns [rows, columns]
 */
export function orthogonalize(
  matrix: Tensor2D,
  steps = 3,
  coefficients: readonly [number, number, number] = MUON_COEFFICIENTS,
): Tensor2D {
  const [a, b, c] = coefficients;
  const isTall = matrix.shape[0] > matrix.shape[1];
  return tidy(() => {
    // The norm of a matrix of zeros is 0.
    let x: Tensor2D = div(matrix, add(frobeniusNorm(matrix), 1e-7));
    for (let step = 0; step < steps; step++) {
      const previous = x;
      x = tidy(() => {
        const products = isTall
          ? matMul(previous, previous, true, false)
          : matMul(previous, previous, false, true);
        // A product with the transposed matrix and its square are symmetric: a tall matrix takes them from the right.
        const polynomial = add(mul(products, b), mul(matMul(products, products), c));
        const change = isTall ? matMul(previous, polynomial) : matMul(polynomial, previous);
        return add<Tensor2D>(mul(previous, a), change);
      });
      previous.dispose();
    }
    return x;
  });
}
