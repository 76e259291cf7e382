import { MATRIX_TILE, type MatrixUnit } from './matrixUnit.js';
import { range } from './shader.js';

/** WGSL of a workgroup's sums, for a tile of 64 rows. */
export interface TileSums {
  readonly extensions: readonly string[];
  readonly head: string;
  /** Further arguments of the entry. */
  readonly entry: string;
  /** Before the loop over the depth. */
  readonly before: string;
  /** Adds what is in the two tiles. */
  readonly add: string;
  /** Gives each sum to `store`. */
  readonly after: string;
}

/** Of a tile, by blocks of a unit's size: each subgroup has some rows of them. */
interface Blocks extends MatrixUnit {
  /** Rows of blocks that are a subgroup's own, and blocks in each. */
  readonly own: number;
  readonly across: number;
  /** Columns of the tile. */
  readonly width: number;
}

/**
 * Sums by matrices. The left tile lies depth by depth, and the right one as well.
 * @param width columns of the tile
 * @param store WGSL in terms of `row`, `column`, `sum` and `z`
 */
export function matrixSums(unit: MatrixUnit, width: number, store: string): TileSums {
  const { rows, columns, type, subgroup, isEmulated = false } = unit;
  const { threads } = MATRIX_TILE;
  const block = rows * columns;
  const blocks: Blocks = {
    ...unit,
    own: MATRIX_TILE.rows / rows / (threads / subgroup),
    across: width / columns,
    width,
  };
  const by = isEmulated ? emulated(blocks) : builtIn(blocks);
  return {
    extensions: [...(type === 'f16' ? ['f16'] : []), ...by.extensions],
    head: `
var<workgroup> blockSums: array<f32, ${(threads / subgroup) * block}>;
fn storeBlock(rowFirst: u32, columnFirst: u32, subgroupId: u32, lane: u32, z: u32) {
  for (var at = lane; at < ${block}u; at += ${subgroup}u) {
    let row = rowFirst + at / ${columns}u;
    let column = columnFirst + at % ${columns}u;
    let sum = blockSums[subgroupId * ${block}u + at];
    if (row < params.rows && column < params.columns) { ${store} }
  }
}
${by.head}`,
    entry: by.entry,
    before: `${by.before}
  let ownRows = subgroupId * ${blocks.own * rows}u;`,
    add: `    for (var k = 0u; k < ${MATRIX_TILE.depth}u; k += ${unit.depth}u) {
${by.add}
    }`,
    after: by.after,
  };
}

const storeBlock = ({ rows, columns }: Blocks, i: string, j: string): string => `  workgroupBarrier();
  storeBlock(rowBase + ownRows + ${i} * ${rows}u, columnBase + ${j} * ${columns}u, subgroupId, lane, z);
  workgroupBarrier();`;

function builtIn(blocks: Blocks): TileSums {
  const { rows: M, columns: N, depth: K, type, own, across, width } = blocks;
  const eachOwn = (of: (i: number) => string): string => range(own).map(of).join('\n');
  const each = (of: (i: number, j: number) => string): string =>
    eachOwn((i) =>
      range(across)
        .map((j) => of(i, j))
        .join('\n'),
    );
  const load = (side: string, shape: string, order: string, at: string, stride: number): string =>
    `subgroupMatrixLoad<subgroup_matrix_${side}<${type}, ${shape}>, ${order}>(&${side}Tile, ${at}, ${stride}u)`;
  const left = (i: number): string =>
    load(
      'left',
      `${K}, ${M}`,
      'col_major',
      `k * ${MATRIX_TILE.rows}u + ownRows + ${i * M}u`,
      MATRIX_TILE.rows,
    );
  const right = (j: number): string =>
    load('right', `${N}, ${K}`, 'row_major', `k * ${width}u + ${j * N}u`, width);
  return {
    extensions: ['subgroups', 'chromium_experimental_subgroup_matrix'],
    head: '',
    entry: ', @builtin(subgroup_id) subgroupId: u32, @builtin(subgroup_invocation_id) lane: u32',
    before: each((i, j) => `  var block${i}_${j}: subgroup_matrix_result<f32, ${N}, ${M}>;`),
    add: `${eachOwn((i) => `      let left${i} = ${left(i)};`)}
${range(across)
  .map(
    (j) => `      let right${j} = ${right(j)};
${eachOwn((i) => `      block${i}_${j} = subgroupMatrixMultiplyAccumulate(left${i}, right${j}, block${i}_${j});`)}`,
  )
  .join('\n')}`,
    after: each(
      (i, j) => `  subgroupMatrixStore<row_major>(&blockSums, subgroupId * ${M * N}u, block${i}_${j}, ${N}u);
${storeBlock(blocks, `${i}u`, `${j}u`)}`,
    ),
  };
}

/** The same without such a unit. Loops whose ends come from a parameter: a processor's driver would write them out, and compile for half a minute. */
function emulated(blocks: Blocks): TileSums {
  const { rows: M, columns: N, depth: K, subgroup, own, across, width } = blocks;
  const each = (M * N) / subgroup;
  return {
    ...{ extensions: [], entry: '' },
    head: `
fn productOf(leftAt: u32, rightAt: u32) -> f32 {
  var sum = 0.0;
  for (var k = 0u; k < ${K}u * min(params.depth, 1u); k++) {
    sum += f32(leftTile[leftAt + k * ${MATRIX_TILE.rows}u]) * f32(rightTile[rightAt + k * ${width}u]);
  }
  return sum;
}`,
    before: `  let subgroupId = local.x / ${subgroup}u;
  let lane = local.x % ${subgroup}u;
  let once = min(params.depth, 1u);
  var blocks: array<f32, ${own * across * each}>;`,
    add: `      for (var n = 0u; n < ${own * across * each}u * once; n++) {
        let at = lane + (n % ${each}u) * ${subgroup}u;
        let i = n / ${across * each}u;
        let j = (n / ${each}u) % ${across}u;
        blocks[n] += productOf(
          k * ${MATRIX_TILE.rows}u + ownRows + i * ${M}u + at / ${N}u, k * ${width}u + j * ${N}u + at % ${N}u);
      }`,
    after: `  for (var n = 0u; n < ${own * across}u * once; n++) {
    for (var e = 0u; e < ${each}u * once; e++) {
      blockSums[subgroupId * ${M * N}u + lane + e * ${subgroup}u] = blocks[n * ${each}u + e];
    }
${storeBlock(blocks, `(n / ${across}u)`, `(n % ${across}u)`)}
  }`,
  };
}
