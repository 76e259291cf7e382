import type { GpuBackend } from './gpuBackend.js';
import { type TileSums, matrixSums } from './matrixSums.js';
import { MATRIX_TILE, type MatrixUnit } from './matrixUnit.js';
import { type Shader, type ShaderSource, makeShader, range } from './shader.js';

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
const ROWS = MATRIX_TILE.rows;
const OWN_ROWS = 8;
const OWN_COLUMNS = 4;
/** Columns that a workgroup makes. */
const WIDE = 64;
const NARROW = MATRIX_TILE.columns;
/** Of the depth, that is read at a time. */
const DEPTH = MATRIX_TILE.depth;

/** Of every tiled product; `perPart`: how much of the depth is summed at one z. */
const PARAMS = { rows: 'u32', columns: 'u32', depth: 'u32', perPart: 'u32' } as const;

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
  { tile, threads, type }: { tile: number; threads: number; type: 'f16' | 'f32' },
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
var<workgroup> ${name}Tile: array<${type}, ${DEPTH * tile}>;
${struct('Line', line)}
${struct('Depth', depth)}
fn ${name}LineOf(line: u32) -> ${name}Line { return ${name}Line(line < params.${lines}${fill(line)}); }
fn ${name}DepthOf(k: u32, end: u32) -> ${name}Depth { return ${name}Depth(k < end${fill(depth)}); }
fn ${name}At(line: u32, l: ${name}Line, k: u32, d: ${name}Depth, z: u32) -> f32 {
  if (!l.inside || !d.inside) { return 0.0; }
  ${value}
}`;
  const base = lines === 'rows' ? 'rowBase' : 'columnBase';
  const at = (rest: string): string => (type === 'f16' ? `half(${name}At(${rest}))` : `${name}At(${rest})`);
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
${loads.map((j) => `      ${name}Tile[at + ${j * step}u] = ${at(`${own} + ${j * step}u, ${name}Line${j}, k, d, z`)};`).join('\n')}
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
      ${name}Tile[j * ${tile}u + local.x % ${tile}u] = ${at(`${base} + local.x % ${tile}u, ${name}Line, k, ${name}DepthOf(k, end), z`)};
    }`,
  };
}

/** Sums by plain arithmetic: a thread makes 8 × 4 elements. */
function plainSums(columns: number, store: string): TileSums {
  const rowSteps = ROWS / OWN_ROWS;
  const columnSteps = columns / OWN_COLUMNS;
  const rows = range(OWN_ROWS);
  const across = range(OWN_COLUMNS);
  const each = (of: (i: number, j: number) => string): string =>
    rows.map((i) => across.map((j) => of(i, j)).join(' ')).join('\n');
  return {
    ...{ extensions: [], head: '', entry: '' },
    before: `  let threadRow = local.x / ${columnSteps}u;
  let threadColumn = local.x % ${columnSteps}u;
${each((i, j) => `var s${i}_${j} = 0.0;`)}`,
    add: `    for (var k = 0u; k < ${DEPTH}u; k++) {
${rows.map((i) => `      let a${i} = leftTile[k * ${ROWS}u + threadRow + ${i * rowSteps}u];`).join('\n')}
${across.map((j) => `      let b${j} = rightTile[k * ${columns}u + threadColumn + ${j * columnSteps}u];`).join('\n')}
${each((i, j) => `s${i}_${j} += a${i} * b${j};`)}
    }`,
    after: `  let sums = array<f32, ${OWN_ROWS * OWN_COLUMNS}>(${each((i, j) => `s${i}_${j},`)});
  for (var i = 0u; i < ${OWN_ROWS}u; i++) {
    for (var j = 0u; j < ${OWN_COLUMNS}u; j++) {
      let row = rowBase + threadRow + i * ${rowSteps}u;
      let column = columnBase + threadColumn + j * ${columnSteps}u;
      let sum = sums[i * ${OWN_COLUMNS}u + j];
      if (row < params.rows && column < params.columns) { ${store} }
    }
  }`,
  };
}

/** Any unit: shaders that a device may need are part of the sum of all, before it is known. */
const SAMPLE_UNIT: MatrixUnit = { rows: 8, columns: 8, depth: 8, type: 'f16', subgroup: 32 };

function shaderOf(source: TiledProduct, columns: number, unit?: MatrixUnit): Shader {
  const threads = unit === undefined ? (ROWS / OWN_ROWS) * (columns / OWN_COLUMNS) : MATRIX_TILE.threads;
  const type = unit?.type ?? 'f32';
  const left = loader('left', 'rows', { tile: ROWS, threads, type }, source.left);
  const right = loader('right', 'columns', { tile: columns, threads, type }, source.right);
  const sums =
    unit === undefined ? plainSums(columns, source.store) : matrixSums(unit, columns, source.store);
  const shader: ShaderSource = {
    ...{ name: source.name, inputs: source.inputs, outputs: source.outputs },
    params: { ...PARAMS, ...source.params },
    workgroup: [threads],
    extensions: sums.extensions,
    head: `${source.head ?? ''}${left.head}${right.head}${sums.head}`,
    entry: sums.entry,
    body: `  let rowBase = group.x * ${ROWS}u;
  let columnBase = group.y * ${columns}u;
  let z = group.z;
  let first = ${source.isBatched === true ? '0u' : 'z * params.perPart'};
  let end = min(first + params.perPart, params.depth);
${left.before}
${right.before}
${sums.before}
  for (var step = 0u; step < params.perPart; step += ${DEPTH}u) {
    let start = first + step;
${left.load}
${right.load}
    workgroupBarrier();
${sums.add}
    workgroupBarrier();
  }
${sums.after}`,
  };
  return makeShader(shader, unit === undefined || unit === SAMPLE_UNIT);
}

/** Shaders of one product. */
export interface TiledShaders {
  /** For many columns and for few. */
  readonly plain: ByWidth;
  /** By a device's matrices; undefined where a factor must keep all of its digits. */
  readonly byMatrices: ((unit: MatrixUnit) => ByWidth) | undefined;
}

type ByWidth = Readonly<Record<'wide' | 'narrow', Shader>>;

/**
 * A matrix product by tiles: each workgroup brings parts of both factors into its own memory, and sums products of them, each thread
 * several elements or each subgroup several matrices. The factors need not be stored anywhere: they are what their expressions say.
 */
export function tiledProductShaders(source: TiledProduct): TiledShaders {
  const made = new Map<MatrixUnit, ByWidth>();
  const byWidth = (unit?: MatrixUnit): ByWidth => ({
    wide: shaderOf(source, WIDE, unit),
    narrow: shaderOf(source, NARROW, unit),
  });
  const byMatrices = (unit: MatrixUnit): ByWidth => {
    const known = made.get(unit) ?? byWidth(unit);
    made.set(unit, known);
    return known;
  };
  // Activations may be rounded to 16 bits, filters on their own may not.
  const hasActivations = Object.values(source.inputs).includes('float');
  if (hasActivations) byMatrices(SAMPLE_UNIT);
  return { plain: byWidth(), byMatrices: hasActivations ? byMatrices : undefined };
}

/** What to dispatch for a product of so many rows and columns. */
export function tiled(
  { matrixUnit }: Pick<GpuBackend, 'matrixUnit'>,
  { plain, byMatrices }: TiledShaders,
  rows: number,
  columns: number,
): { shader: Shader; groups: readonly [number, number] } {
  // Where a wide tile's second half would be empty.
  const isNarrow = (columns - 1) % WIDE < NARROW;
  const width = isNarrow ? NARROW : WIDE;
  const shaders = (matrixUnit !== undefined && byMatrices?.(matrixUnit)) || plain;
  return {
    shader: isNarrow ? shaders.narrow : shaders.wide,
    groups: [Math.ceil(rows / ROWS), Math.ceil(columns / width)],
  };
}
