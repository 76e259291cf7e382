import type { OneDnnBackend } from './backend.js';
import { chain, inPieces, withScalar, withScalars, withVector } from './elementwise/chain.js';
import { ADD_TO_RESULT } from './ffi/abi.js';
import { bytesPerElement, type NativeType } from './ffi/enums.js';
import { product } from './matmul.js';

/** A matrix in row-major order, f32, and what it is to be multiplied by. */
export interface Scaled {
  readonly pointer: bigint;
  readonly factor: number;
}

export interface NewtonSchulz {
  readonly rows: number;
  readonly columns: number;
  /** Address of the matrix, row-major order, f32. */
  readonly matrix: bigint;
  /** At least 1. */
  readonly steps: number;
  readonly coefficients: readonly [number, number, number];
}

/** Gives memory for so many elements, for as long as a result is needed. */
export type Place = (elements: number, type: NativeType) => bigint;

/**
 * ops/orthogonalize in native memory, with operands of products in the type that the backend computes in, and held in that from step to step. A matrix X
 * is kept as factor·Y, so that neither dividing it by its norm nor multiplying it by a takes a pass over it: with G = YᵀY, X·(a + b·XᵀX + c·(XᵀX)²) is
 * factor·a times Y + Y·P, P = (b·factor²·G + c·factor⁴·G²) / a; from the other side where there are fewer rows.
 */
export function newtonSchulz(
  backend: OneDnnBackend,
  { rows, columns, matrix, steps, coefficients: [a, b, c] }: NewtonSchulz,
  place: Place,
): Scaled {
  const { descriptors, computeType } = backend;
  const isTall = rows > columns;
  const side = Math.min(rows, columns);
  const own = descriptors.dense([rows, columns], computeType);
  const square = descriptors.dense([side, side], computeType);
  const [src, weights] = isTall ? [own, square] : [square, own];
  const unit = a === 0 ? 1 : a;

  let factor = 1;
  let y = inComputeType(backend, matrix, [rows, columns], place);
  for (let step = 0; step < steps; step++) {
    const gram = place(side * side, 'f32');
    gramMatrix(backend, y, rows, columns, gram);
    if (step === 0) factor = 1 / (Math.sqrt(trace(backend, gram, side, place)) + 1e-7);
    const coefficients = [(b * factor ** 2) / unit, (c * factor ** 4) / unit] as const;
    const p = polynomial(backend, gram, side, coefficients, place);

    const type = step === steps - 1 ? 'f32' : computeType;
    const dst = descriptors.dense([rows, columns], type);
    const next = place(rows * columns, type);
    if (a !== 0) backend.reorder(own, y, dst, next);
    const [postOps, key] = a === 0 ? [[], ''] : [[ADD_TO_RESULT], 'added'];
    const change = product(backend, { src, weights, bias: null, dst }, postOps, key);
    backend.execute(change, [...(isTall ? [y, p] : [p, y]), next]);
    y = next;
    factor *= unit;
  }
  return { pointer: y, factor };
}

/** Values in row-major order, f32, for products: themselves, or a rounded copy. */
function inComputeType(
  backend: OneDnnBackend,
  values: bigint,
  dims: readonly [number, number],
  place: Place,
): bigint {
  const { descriptors, computeType } = backend;
  if (computeType === 'f32') return values;
  const rounded = place(dims[0] * dims[1], computeType);
  backend.reorder(descriptors.dense(dims, 'f32'), values, descriptors.dense(dims, computeType), rounded);
  return rounded;
}

/** linear·G + quadratic·G² of a square matrix G, f32; for products. */
function polynomial(
  backend: OneDnnBackend,
  gram: bigint,
  side: number,
  [linear, quadratic]: readonly [number, number],
  place: Place,
): bigint {
  const operand = inComputeType(backend, gram, [side, side], place);
  const of = backend.descriptors.dense([side, side], backend.computeType);
  const dst = backend.descriptors.dense([side, side], 'f32');
  const sum = place(side * side, 'f32');
  const squareOf = product(backend, { src: of, weights: of, bias: null, dst });
  backend.execute(squareOf, [operand, operand, sum]);
  const numbers = linear === 0 ? [quadratic] : [quadratic / linear, linear];
  withScalars(backend, numbers, ([first, last]) => {
    inPieces(backend, side * side, (vector, at) => {
      const rest = linear === 0 ? [] : [withVector('add', at(gram)), withScalar('mul', last)];
      chain(backend, vector, at(sum), [withScalar('mul', first), ...rest], at(sum));
    });
  });
  return inComputeType(backend, sum, [side, side], place);
}

/** Rows and columns of a Gram matrix that are computed at once: of wider ones the blocks below the diagonal are saved. */
const WIDTH = 256;

/**
 * X·Xᵀ, or XᵀX where there are fewer columns: the blocks on and above the diagonal, the others as their mirror images.
 * @param x address of [rows, columns], row-major order, in the type that the backend computes in
 * @param to address of the square matrix, f32
 */
function gramMatrix(backend: OneDnnBackend, x: bigint, rows: number, columns: number, to: bigint): void {
  const { descriptors, computeType } = backend;
  const [side, inner] = rows > columns ? [columns, rows] : [rows, columns];
  // From one vector to the next, and within one.
  const [apart, along] = rows > columns ? [1, columns] : [columns, 1];
  const vectors = (first: number): bigint => x + BigInt(first * apart * bytesPerElement[computeType]);
  const at = (row: number, column: number): bigint =>
    to + BigInt((row * side + column) * bytesPerElement.f32);
  for (let row = 0; row < side; row += WIDTH) {
    const height = Math.min(WIDTH, side - row);
    for (let column = row; column < side; column += WIDTH) {
      const width = Math.min(WIDTH, side - column);
      const primitive = product(backend, {
        src: descriptors.strided([height, inner], computeType, [apart, along]),
        weights: descriptors.strided([inner, width], computeType, [along, apart]),
        bias: null,
        dst: descriptors.strided([height, width], 'f32', [side, 1]),
      });
      backend.execute(primitive, [vectors(row), vectors(column), at(row, column)]);
      if (column === row) continue;
      backend.reorder(
        descriptors.strided([width, height], 'f32', [1, side]),
        at(row, column),
        descriptors.strided([width, height], 'f32', [side, 1]),
        at(column, row),
      );
    }
  }
}

/** Sum of the diagonal of a square matrix, f32: of X·Xᵀ the square of X's norm. */
function trace(backend: OneDnnBackend, matrix: bigint, side: number, place: Place): number {
  const { descriptors, native } = backend;
  const diagonal = place(side, 'f32');
  backend.reorder(
    descriptors.strided([side], 'f32', [side + 1]),
    matrix,
    descriptors.dense([side], 'f32'),
    diagonal,
  );
  const values = new Float32Array(side);
  native.library.copyOut(new Uint8Array(values.buffer), diagonal, side * bytesPerElement.f32);
  return values.reduce((sum, value) => sum + value, 0);
}
