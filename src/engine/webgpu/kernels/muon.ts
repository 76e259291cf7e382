import type { TensorInfo } from '@tensorflow/tfjs-core';
import { MuonUpdateAll, type MuonUpdateAllAttrs } from '../../ops/MuonUpdateAll.js';
import { grouped } from '../../ops/tensorGroups.js';
import type { GpuBackend } from '../gpuBackend.js';
import { dispatch } from '../dispatch.js';
import { gpuKernel } from '../kernel.js';
import { type ShaderSource, makeShader } from '../shader.js';
import { type SlabLayout, piecesOf, slabLayout, slabOf } from '../slab.js';
import { dispatchSlabs, slabUpdateShader } from '../slabUpdate.js';
import { tiled, tiledProductShaders } from '../tiledProduct.js';

/** Each buffer's next value, and the direction that its filter is to move in, before it is orthogonal. */
const momentumStep = slabUpdateShader({
  name: `${MuonUpdateAll}Momentum`,
  inputs: ['buffer', 'gradient'],
  outputs: ['newBuffer', 'direction'],
  params: { momentum: 'f32' },
  body: `  let g = checked(gradient[i]);
  let next = params.momentum * buffer[i] + g;
  newBuffer[i] = next;
  direction[i] = g + params.momentum * next;`,
});

/** Parts that a tensor's squares are summed in; who needs the sum adds them in their order. */
const PARTS = 32;
const THREADS = 64;

/** Sums of squares of each tensor of a slab, by parts: [tensors, PARTS]. */
const squares = makeShader({
  name: `${MuonUpdateAll}Squares`,
  inputs: { x: 'f32', bounds: 'i32' },
  outputs: { sums: 'f32' },
  workgroup: [THREADS],
  head: `var<workgroup> shares: array<f32, ${THREADS}>;`,
  body: `  let first = u32(bounds[2u * group.y]);
  let end = u32(bounds[2u * group.y + 1u]);
  var sum = 0.0;
  for (var i = first + group.x * ${THREADS}u + local.x; i < end; i += ${THREADS * PARTS}u) { sum += x[i] * x[i]; }
  shares[local.x] = sum;
  for (var half = ${THREADS / 2}u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local.x < half) { shares[local.x] += shares[local.x + half]; }
  }
  if (local.x == 0u) { sums[group.y * ${PARTS}u + group.x] = shares[0]; }`,
});

const NORM = `
fn norm(tensor: u32) -> f32 {
  var sum = 0.0;
  for (var part = 0u; part < ${PARTS}u; part++) { sum += squares[tensor * ${PARTS}u + part]; }
  return sqrt(sum);
}`;

const normalise = slabUpdateShader({
  name: `${MuonUpdateAll}Normalised`,
  inputs: ['x'],
  alsoRead: ['squares'],
  outputs: ['y'],
  head: NORM,
  // The norm of a tensor of zeros is 0.
  body: '  y[i] = x[i] / (norm(tensor) + 1e-7);',
});

const move = slabUpdateShader({
  name: MuonUpdateAll,
  inputs: ['filters', 'direction'],
  alsoRead: ['squares'],
  outputs: ['newFilters'],
  perTensor: ['rate', 'scale', 'kept'],
  params: { rescales: 'u32' },
  head: NORM,
  body: `  let scale = select(1.0, own.scale / norm(tensor), params.rescales == 1u);
  newFilters[i] = (filters[i] * scale - own.rate * direction[i]) * own.kept;`,
});

/** Of matrices one after another in a slab: where the first one lies, and how far it is from each to the next. */
const PLACES: NonNullable<ShaderSource['params']> = {
  ...{ leftAt: 'u32', leftStep: 'u32', rightAt: 'u32', rightStep: 'u32' },
  ...{ outAt: 'u32', outStep: 'u32', addAt: 'u32', addStep: 'u32' },
  ...{ product: 'f32', added: 'f32' },
};

/** product·left·right + added·add, of each matrix z; a factor as it is stored, or transposed. */
const productShaders = (transposed?: 'left' | 'right') =>
  tiledProductShaders({
    name: `${MuonUpdateAll}Product`,
    inputs: { left: 'f32', right: 'f32', add: 'f32' },
    outputs: { out: 'f32' },
    params: PLACES,
    isBatched: true,
    left:
      transposed === 'left'
        ? {
            value: 'return left[params.leftAt + z * params.leftStep + k * params.rows + line];',
            along: 'line',
          }
        : {
            value: 'return left[params.leftAt + z * params.leftStep + line * params.depth + k];',
            along: 'depth',
          },
    right:
      transposed === 'right'
        ? {
            value: 'return right[params.rightAt + z * params.rightStep + line * params.depth + k];',
            along: 'depth',
          }
        : {
            value: 'return right[params.rightAt + z * params.rightStep + k * params.columns + line];',
            along: 'line',
          },
    store: `let at = row * params.columns + column;
      out[params.outAt + z * params.outStep + at] =
        params.product * sum + params.added * add[params.addAt + z * params.addStep + at];`,
  });

const PRODUCTS = { plain: productShaders(), left: productShaders('left'), right: productShaders('right') };

/** A run of equal matrices in a slab. */
interface Place {
  slab: TensorInfo;
  at: number;
  step: number;
}

function product(
  backend: GpuBackend,
  { count, rows, columns, depth }: { count: number; rows: number; columns: number; depth: number },
  factors: {
    left: Place;
    right: Place;
    transposed?: 'left' | 'right';
    product: number;
    add: Place;
    added: number;
  },
  out: Place,
): void {
  const { left, right, add, transposed = 'plain' } = factors;
  const { shader, groups } = tiled(backend, PRODUCTS[transposed], rows, columns);
  dispatch(backend, shader, {
    inputs: [left.slab, right.slab, add.slab],
    outputs: [],
    into: [out.slab],
    params: {
      ...{ rows, columns, depth, perPart: depth, product: factors.product, added: factors.added },
      ...{ leftAt: left.at, leftStep: left.step, rightAt: right.at, rightStep: right.step },
      ...{ outAt: out.at, outStep: out.step, addAt: add.at, addStep: add.step },
    },
    groups: [...groups, count],
    flops: 2 * count * rows * columns * depth,
    bytes: 4 * count * ((rows + columns) * depth + (factors.added === 0 ? 1 : 2) * rows * columns),
  });
}

/** Neighbours in a slab that are equal matrices [rows, columns]: they are multiplied at once. */
function runsOf({ shapes, offsets, sizes }: SlabLayout) {
  const runs: { rows: number; columns: number; count: number; at: number; step: number }[] = [];
  shapes.forEach((shape, i) => {
    const columns = shape[shape.length - 1];
    const rows = sizes[i] / columns;
    const last = runs.at(-1);
    if (last?.rows === rows && last.columns === columns) {
      last.step = (offsets[i] - last.at) / last.count;
      last.count++;
    } else runs.push({ rows, columns, count: 1, at: offsets[i], step: 0 });
  });
  return runs;
}

/** The matrices of a slab, nearly orthogonal: see orthogonalize. The slab is given up. */
function orthogonal(
  backend: GpuBackend,
  slab: TensorInfo,
  layout: SlabLayout,
  { steps, coefficients: [a, b, c] }: Pick<MuonUpdateAllAttrs, 'steps' | 'coefficients'>,
): TensorInfo {
  const runs = runsOf(layout);
  let x = slab;
  for (let step = 0; step < steps; step++) {
    const next = backend.makeTensorInfo([layout.size], 'float32');
    for (const { rows, columns, count, at, step: apart } of runs) {
      const isTall = rows > columns;
      const short = Math.min(rows, columns);
      const long = Math.max(rows, columns);
      const own: Place = { slab: x, at, step: apart };
      const square = (): Place => ({
        slab: backend.makeTensorInfo([count, short, short], 'float32'),
        ...{ at: 0, step: short * short },
      });
      const [products, polynomial] = [square(), square()];
      const squareSize = { count, rows: short, columns: short };
      product(
        backend,
        { ...squareSize, depth: long },
        {
          ...{ left: own, right: own, transposed: isTall ? 'left' : 'right' },
          ...{ product: 1, add: own, added: 0 },
        },
        products,
      );
      product(
        backend,
        { ...squareSize, depth: short },
        { left: products, right: products, product: c, add: products, added: b },
        polynomial,
      );
      product(
        backend,
        { count, rows, columns, depth: short },
        {
          ...(isTall ? { left: own, right: polynomial } : { left: polynomial, right: own }),
          ...{ product: 1, add: own, added: a },
        },
        { slab: next, at, step: apart },
      );
      for (const { slab: made } of [products, polynomial]) backend.disposeData(made.dataId);
    }
    backend.disposeData(x.dataId);
    x = next;
  }
  return x;
}

/** Sums of squares of the tensors of a slab, by parts. */
function squaresOf(backend: GpuBackend, slab: TensorInfo, { offsets, sizes }: SlabLayout): TensorInfo {
  const count = sizes.length;
  const values = Int32Array.from({ length: 2 * count }, (_, i) => offsets[i >> 1] + (i % 2) * sizes[i >> 1]);
  const bounds = backend.makeTensorInfo([count, 2], 'int32', values);
  const [sums] = dispatch(backend, squares, {
    inputs: [slab, bounds],
    outputs: [[count, PARTS]],
    groups: [PARTS, count, 1],
  });
  backend.disposeData(bounds.dataId);
  return sums;
}

export const muonUpdateAllKernel = gpuKernel<TensorInfo[], MuonUpdateAllAttrs>(
  MuonUpdateAll,
  (backend, inputs, { learningRates, momentum, rescales, decay, ...newtonSchulz }) => {
    const [filters, buffers, gradients] = grouped(Object.values(inputs), 3);
    const layout = slabLayout(filters.map(({ shape }) => shape));
    const { size } = layout;
    const given = [buffers, gradients].map((tensors) => slabOf(backend, tensors, layout));
    const stepped = dispatchSlabs(backend, momentumStep, {
      ...{ slabs: given, layout, outputs: [size, size], params: { momentum } },
    });
    const [newBuffers, direction] = stepped.slabs;
    const directionSquares = squaresOf(backend, direction, layout);
    const normalised = dispatchSlabs(backend, normalise, {
      ...{ slabs: [direction], alsoRead: [directionSquares], layout },
    }).slabs[0];
    const steps = orthogonal(backend, normalised, layout, newtonSchulz);
    const old = slabOf(backend, filters, layout);
    const filterSquares = squaresOf(backend, old, layout);
    const scales = filters.map(({ shape }) => Math.sqrt(shape[shape.length - 1]));
    const kept = learningRates.map((rate) => 1 - rate * decay);
    const [newFilters] = dispatchSlabs(backend, move, {
      ...{ slabs: [old, steps], alsoRead: [filterSquares], layout },
      ...{ perTensor: [learningRates, scales, kept], params: { rescales: rescales ? 1 : 0 } },
    }).slabs;
    for (const { dataId } of [...given, direction, directionSquares, steps, old, filterSquares]) {
      backend.disposeData(dataId);
    }
    return [newFilters, newBuffers].flatMap((slab) => piecesOf(backend, slab, layout)).concat(stepped.flag);
  },
);
