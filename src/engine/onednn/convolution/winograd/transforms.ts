import { type WeightedSum, weightedSumOf } from './weightedSum.js';

/**
 * Winograd's way to convolve by a filter of 3×3 (Lavin and Gray, "Fast algorithms for convolutional neural networks", 2015): outputs Y are computed
 * in tiles of m×m from n×n inputs D, n = m + 2, as Aᵀ[(G g Gᵀ) ⊙ (Bᵀ D B)]A. Summed over channels, the product in the middle is n² products of
 * matrices, one for each position of an n×n tile ("plane"), of 1/m² of the pixels: n²/m² multiplications for 9. The gradients are the transposed
 * maps: that by the input is a convolution by the filter in reverse, that by the filter is Gᵀ[(Bᵀ D B) ⊙ (A dY Aᵀ)]G.
 *
 * The maps are made from points at which polynomials are evaluated (Toom and Cook): G and A hold the points' powers, B the polynomials that
 * are 1 at one of the points and 0 at the others. ½ and −2 err less than ½ and −½, or 2 and −2, do (Barabasz et al., "Error analysis and
 * improving the accuracy of Winograd convolution for deep neural networks", 2020): in f32 no more than thrice as much as a plain sum.
 */

/** Rows and columns of a tile of outputs. */
export type Tile = 3 | 4;

/** Rows of factors. */
export type Matrix = readonly (readonly number[])[];

export interface Transform {
  readonly tile: Tile;
  /** Planes along each axis. */
  readonly size: number;
  /** Bᵀ, which begins a row before the tile's outputs. */
  readonly inputs: Matrix;
  /** A. */
  readonly gradients: Matrix;
  /** Aᵀ: planes to rows of outputs. */
  readonly outputs: Matrix;
  /** G: taps of a filter to planes. */
  readonly filter: readonly WeightedSum[];
  /** Gᵀ. */
  readonly filterGradient: readonly WeightedSum[];
}

/** A filter's rows and columns. */
export const TAPS = 3;

const POINTS: Readonly<Record<Tile, readonly number[]>> = { 3: [0, 1, -1, 0.5], 4: [0, 1, -1, 0.5, -2] };

function transformOf(tile: Tile): Transform {
  const points = POINTS[tile];
  // At the last point, infinity, a polynomial's value is its leading coefficient.
  const powers = (count: number): number[][] => [
    ...points.map((point) => Array.from({ length: count }, (_, power) => point ** power)),
    Array.from({ length: count }, (_, power) => (power === count - 1 ? 1 : 0)),
  ];
  const [a, g] = [powers(tile), powers(TAPS)];
  const polynomials = [...points.map((_, i) => basis(points, i)), product(points)];
  return {
    tile,
    size: tile + TAPS - 1,
    inputs: polynomials.map((factors) => [...factors, ...zeros(tile + TAPS - 1 - factors.length)]),
    gradients: a,
    outputs: transposed(a),
    filter: g.map(weightedSumOf),
    filterGradient: transposed(g).map(weightedSumOf),
  };
}

const zeros = (count: number): number[] => new Array<number>(count).fill(0);

const transposed = (matrix: Matrix): number[][] =>
  matrix[0].map((_, column) => matrix.map((row) => row[column]));

/** Coefficients, constant first, of the polynomial that is 0 at the points. */
const product = (points: readonly number[]): number[] =>
  points.reduce(
    (polynomial, point) =>
      [...polynomial, 0].map(
        (factor, i) => (i === 0 ? 0 : polynomial[i - 1]) - (i === polynomial.length ? 0 : point * factor),
      ),
    [1],
  );

/** Of the one that is 1 at the i-th point and 0 at the others. */
function basis(points: readonly number[], i: number): number[] {
  const others = points.filter((_, j) => j !== i);
  const scale = others.reduce((size, point) => size * (points[i] - point), 1);
  return product(others).map((factor) => factor / scale);
}

export const TRANSFORMS: Readonly<Record<Tile, Transform>> = { 3: transformOf(3), 4: transformOf(4) };
