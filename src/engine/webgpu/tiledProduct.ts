import { type Shader, type ShaderSource, makeShader } from './shader.js';

type Fields = Readonly<Record<string, readonly [type: 'u32' | 'i32' | 'bool', value: string]>>;

/**
 * One of the two factors of a matrix product: lines (rows of the left factor, columns of the right one) times depth, the direction
 * that is summed over.
 */
export interface Factor {
  /** WGSL: what is worked out once a line, in terms of `line` (u32): types and expressions by name. */
  line?: Fields;
  /** The same once a depth, in terms of `k` (u32). */
  depth?: Fields;
  /** WGSL that returns the element, in terms of `line`, `k`, the fields as `l.field` and `d.field`, and `z`. Within the matrix only. */
  value: string;
  /** The direction in which neighbours lie side by side in memory: threads side by side read them. */
  along: 'line' | 'depth';
}

export interface TiledProduct extends Pick<ShaderSource, 'name' | 'inputs' | 'outputs' | 'params' | 'head'> {
  left: Factor;
  right: Factor;
  /** What becomes of an element: WGSL in terms of `row`, `column`, `sum` and `z`. */
  store: string;
  /** `z` is the number of one of several products; else of a part of the depth, which the workgroups of that z sum. */
  isBatched?: boolean;
}

/** Rows of the product that a workgroup makes; and of those and of the columns that a thread does. */
const ROWS = 64;
const OWN_ROWS = 8;
const OWN_COLUMNS = 4;
/** Columns that a workgroup makes. */
const WIDE = 64;
const NARROW = 32;
/** Of the depth, that is read at a time. */
const DEPTH = 16;

/** Of every tiled product; `perPart`: how much of the depth is summed at one z. */
const PARAMS = { rows: 'u32', columns: 'u32', depth: 'u32', perPart: 'u32' } as const;

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

interface Loader {
  head: string;
  /** Before the loop over the depth. */
  before: string;
  load: string;
}

/** A factor's way into the workgroup's memory. */
function loader(
  name: 'left' | 'right',
  lines: 'rows' | 'columns',
  tile: number,
  threads: number,
  { line, depth, value, along }: Factor,
): Loader {
  const struct = (kind: string, fields: Fields = {}): string =>
    `struct ${name}${kind} { ${Object.entries({ inside: ['bool'], ...fields })
      .map(([field, [type]]) => `${field}: ${type}`)
      .join(', ')} }`;
  const fill = (fields: Fields = {}): string =>
    Object.values(fields)
      .map(([, of]) => `, ${of}`)
      .join('');
  const head = `
var<workgroup> ${name}Tile: array<f32, ${DEPTH * tile}>;
${struct('Line', line)}
${struct('Depth', depth)}
fn ${name}LineOf(line: u32) -> ${name}Line { return ${name}Line(line < params.${lines}${fill(line)}); }
fn ${name}DepthOf(k: u32, end: u32) -> ${name}Depth { return ${name}Depth(k < end${fill(depth)}); }
fn ${name}At(line: u32, l: ${name}Line, k: u32, d: ${name}Depth, z: u32) -> f32 {
  if (!l.inside || !d.inside) { return 0.0; }
  ${value}
}`;
  const base = lines === 'rows' ? 'rowBase' : 'columnBase';
  if (along === 'depth') {
    // A thread reads at one depth of several lines, which stay the same from step to step.
    const step = threads / DEPTH;
    const own = `${base} + local.x / ${DEPTH}u`;
    const loads = range(tile / step);
    return {
      head,
      before: loads.map((j) => `  let ${name}Line${j} = ${name}LineOf(${own} + ${j * step}u);`).join('\n'),
      load: `    {
      let k = start + local.x % ${DEPTH}u;
      let d = ${name}DepthOf(k, end);
      let at = (local.x % ${DEPTH}u) * ${tile}u + local.x / ${DEPTH}u;
${loads.map((j) => `      ${name}Tile[at + ${j * step}u] = ${name}At(${own} + ${j * step}u, ${name}Line${j}, k, d, z);`).join('\n')}
    }`,
    };
  }
  // A thread reads one line at several depths.
  const step = threads / tile;
  return {
    head,
    before: `  let ${name}Line = ${name}LineOf(${base} + local.x % ${tile}u);`,
    load: `    for (var j = local.x / ${tile}u; j < ${DEPTH}u; j += ${step}u) {
      let k = start + j;
      ${name}Tile[j * ${tile}u + local.x % ${tile}u] = ${name}At(${base} + local.x % ${tile}u, ${name}Line, k, ${name}DepthOf(k, end), z);
    }`,
  };
}

function shaderOf(source: TiledProduct, columns: number): Shader {
  const rowSteps = ROWS / OWN_ROWS;
  const columnSteps = columns / OWN_COLUMNS;
  const threads = rowSteps * columnSteps;
  const left = loader('left', 'rows', ROWS, threads, source.left);
  const right = loader('right', 'columns', columns, threads, source.right);
  const rows = range(OWN_ROWS);
  const across = range(OWN_COLUMNS);
  const each = (of: (i: number, j: number) => string): string =>
    rows.map((i) => across.map((j) => of(i, j)).join(' ')).join('\n');
  return makeShader({
    ...{ name: source.name, inputs: source.inputs, outputs: source.outputs },
    params: { ...PARAMS, ...source.params },
    workgroup: [threads],
    head: `${source.head ?? ''}${left.head}${right.head}`,
    body: `  let rowBase = group.x * ${ROWS}u;
  let columnBase = group.y * ${columns}u;
  let threadRow = local.x / ${columnSteps}u;
  let threadColumn = local.x % ${columnSteps}u;
  let z = group.z;
  let first = ${source.isBatched === true ? '0u' : 'z * params.perPart'};
  let end = min(first + params.perPart, params.depth);
${left.before}
${right.before}
${each((i, j) => `var s${i}_${j} = 0.0;`)}
  for (var step = 0u; step < params.perPart; step += ${DEPTH}u) {
    let start = first + step;
${left.load}
${right.load}
    workgroupBarrier();
    for (var k = 0u; k < ${DEPTH}u; k++) {
${rows.map((i) => `      let a${i} = leftTile[k * ${ROWS}u + threadRow + ${i * rowSteps}u];`).join('\n')}
${across.map((j) => `      let b${j} = rightTile[k * ${columns}u + threadColumn + ${j * columnSteps}u];`).join('\n')}
${each((i, j) => `s${i}_${j} += a${i} * b${j};`)}
    }
    workgroupBarrier();
  }
  let sums = array<f32, ${OWN_ROWS * OWN_COLUMNS}>(${each((i, j) => `s${i}_${j},`)});
  for (var i = 0u; i < ${OWN_ROWS}u; i++) {
    for (var j = 0u; j < ${OWN_COLUMNS}u; j++) {
      let row = rowBase + threadRow + i * ${rowSteps}u;
      let column = columnBase + threadColumn + j * ${columnSteps}u;
      let sum = sums[i * ${OWN_COLUMNS}u + j];
      if (row < params.rows && column < params.columns) { ${source.store} }
    }
  }`,
  });
}

/** Shaders of one product, for many columns and for few. */
export type TiledShaders = Readonly<Record<'wide' | 'narrow', Shader>>;

/**
 * A matrix product by tiles: each workgroup brings parts of both factors into its own memory, and each of its threads makes several
 * elements of them. The factors need not be stored anywhere: they are what their expressions say.
 */
export const tiledProductShaders = (source: TiledProduct): TiledShaders => ({
  wide: shaderOf(source, WIDE),
  narrow: shaderOf(source, NARROW),
});

/** What to dispatch for a product of so many rows and columns. */
export function tiled(
  shaders: TiledShaders,
  rows: number,
  columns: number,
): { shader: Shader; groups: readonly [number, number] } {
  // Where a wide tile's second half would be empty.
  const isNarrow = (columns - 1) % WIDE < NARROW;
  const width = isNarrow ? NARROW : WIDE;
  return {
    shader: isNarrow ? shaders.narrow : shaders.wide,
    groups: [Math.ceil(rows / ROWS), Math.ceil(columns / width)],
  };
}
