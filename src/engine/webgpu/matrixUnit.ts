/**
 * Matrices that the threads of a subgroup multiply together, by a unit of the graphics processor that is made for it (the experimental
 * `chromium_experimental_subgroup_matrix` of WGSL). Sums are of 32 bits.
 */

export const MATRICES = 'chromium-experimental-subgroup-matrix';

/** Product [rows, columns] of [rows, depth] and [depth, columns] that a device computes at once. */
export interface MatrixUnit {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  /** Of the factors. */
  readonly type: 'f16' | 'f32';
  /** Threads that do it together. */
  readonly subgroup: number;
  /** Written out in plain WGSL, each thread its share of the elements: for tests on devices that have no such unit. */
  readonly isEmulated?: boolean;
}

/** What an adapter says of its units. */
export interface MatrixInfo {
  readonly subgroupMinSize?: number;
  readonly subgroupMaxSize?: number;
  readonly subgroupMatrixConfigs?: Iterable<{
    readonly componentType: string;
    readonly resultComponentType: string;
    readonly M: number;
    readonly N: number;
    readonly K: number;
  }>;
}

/** Tiles that a workgroup multiplies: rows, the fewest columns, depth read at a time, threads. */
export const MATRIX_TILE = { rows: 64, columns: 32, depth: 16, threads: 128 } as const;

const divides = (part: number, whole: number): boolean => whole % part === 0;

/** Whether the tiles fall into whole matrices, and whole rows of these to each subgroup. */
const fits = ({ rows, columns, depth, subgroup }: MatrixUnit): boolean =>
  divides(columns, MATRIX_TILE.columns) &&
  divides(depth, MATRIX_TILE.depth) &&
  divides(subgroup, MATRIX_TILE.threads) &&
  divides(rows * (MATRIX_TILE.threads / subgroup), MATRIX_TILE.rows) &&
  divides(subgroup, rows * columns);

/**
 * The unit to use: one that multiplies numbers of 16 bits if there is one, else of 32, the largest; undefined where there is none that sums
 * in 32 bits, or where the number of threads in a subgroup is not settled before a shader is compiled.
 */
export function matrixUnitOf({
  subgroupMinSize,
  subgroupMaxSize,
  subgroupMatrixConfigs = [],
}: MatrixInfo): MatrixUnit | undefined {
  if (subgroupMinSize === undefined || subgroupMinSize !== subgroupMaxSize) return undefined;
  const units: MatrixUnit[] = [];
  for (const { componentType: type, resultComponentType, M, N, K } of subgroupMatrixConfigs) {
    if ((type !== 'f16' && type !== 'f32') || resultComponentType !== 'f32') continue;
    const unit = { rows: M, columns: N, depth: K, type, subgroup: subgroupMinSize } as const;
    if (fits(unit)) units.push(unit);
  }
  const size = ({ rows, columns, depth }: MatrixUnit): number => rows * columns * depth;
  return units.toSorted((a, b) => a.type.localeCompare(b.type) || size(b) - size(a)).at(0);
}

/** A unit in words, for lists and messages. */
export const matrixWords = ({ rows, columns, depth, type }: MatrixUnit): string =>
  `matrices of ${rows}×${columns}×${depth} in ${type}`;
