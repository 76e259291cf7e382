/**
 * Winograd's way to convolve by a filter of 3×3, F(2×2, 3×3) of Lavin and Gray ("Fast algorithms for convolutional neural networks", 2015):
 * outputs Y are computed in tiles of 2×2 from 4×4 inputs D as Aᵀ[(G g Gᵀ) ⊙ (Bᵀ D B)]A. Summed over channels, the product in the middle is sixteen
 * products of matrices, one for each position of a 4×4 tile ("plane"), of a quarter of the pixels: 16/36 of the multiplications. The gradients
 * are the transposed maps: that by the input a convolution by the filter in reverse, that by the filter Gᵀ[(Bᵀ D B) ⊙ (A dY Aᵀ)]G.
 * Here G's halves are in B, where they cost nothing, so that the others only add and subtract.
 */

/** Rows and columns of outputs in a tile, and planes along each axis. */
export const TILE = 2;
export const PLANES = 4;

/** A row of a map of tiles to planes: two elements of a tile, `gap` others between them, times their factors. */
export interface Taps {
  readonly first: number;
  readonly gap: number;
  readonly factors: readonly [number, number];
}

/** Bᵀ, of 4 elements. */
export const INPUT_TAPS: readonly Taps[] = [
  { first: 0, gap: 1, factors: [1, -1] },
  { first: 1, gap: 0, factors: [0.5, 0.5] },
  { first: 1, gap: 0, factors: [-0.5, 0.5] },
  { first: 1, gap: 1, factors: [1, -1] },
];

/** A, of 2 elements. */
export const OUTPUT_GRADIENT_TAPS: readonly Taps[] = [
  { first: 0, gap: 0, factors: [1, 0] },
  { first: 0, gap: 0, factors: [1, 1] },
  { first: 0, gap: 0, factors: [1, -1] },
  { first: 0, gap: 0, factors: [0, -1] },
];

/** Aᵀ: signs by which planes make rows of outputs. */
export const OUTPUT_SIGNS: readonly (readonly number[])[] = [
  [1, 1, 1, 0],
  [0, 1, -1, -1],
];

/** G, of 3 taps of a filter. */
export const FILTER_SIGNS: readonly (readonly number[])[] = [
  [1, 0, 0],
  [1, 1, 1],
  [1, -1, 1],
  [0, 0, 1],
];

/** The plane of a bias: what is added to it is added to each output of the tile. */
export const BIAS_PLANE = 1 * PLANES + 1;

/** The plane that a filter in reverse has where this one has `plane`, along an axis. */
export const reversedPlane = (plane: number): number => [3, 1, 2, 0][plane];
