import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { GpuBackend } from './gpuBackend.js';
import { IS_FINITE } from './bits.js';
import { dispatch } from './dispatch.js';
import { type Shader, type ShaderSource, elementwiseShader, groupsFor } from './shader.js';
import { BLOCK, type SlabLayout, piecesOf, slabLayout, slabOf } from './slab.js';

/** A shader that goes over the elements of slabs; for tensors of which a kernel knows nothing but their sizes. */
export interface SlabUpdate {
  readonly shader: Shader;
  readonly perTensor: readonly string[];
  /** Whether it looks for numbers that are not finite. */
  readonly isChecking: boolean;
}

/**
 * @param source inputs and outputs are slabs of the first one's layout, or of several such after one another; `body` is of element `i`, in
 *   terms of them, of the number `tensor`, of `own.name` for each number `perTensor`, of `checked(value)`, which raises the flag where the value is not finite
 */
export function slabUpdateShader({
  name,
  inputs,
  alsoRead = [],
  outputs,
  perTensor = [],
  params = {},
  head = '',
  body,
}: Pick<ShaderSource, 'name' | 'params' | 'head' | 'body'> & {
  inputs: readonly string[];
  /** Other arrays of floats. */
  alsoRead?: readonly string[];
  outputs: readonly string[];
  perTensor?: readonly string[];
}): SlabUpdate {
  const isChecking = body.includes('checked(');
  const arrays = (names: readonly string[]): Record<string, 'f32'> =>
    Object.fromEntries(names.map((one) => [one, 'f32' as const]));
  const shader = elementwiseShader({
    name,
    inputs: {
      ...arrays([...inputs, ...alsoRead]),
      table: 'i32',
      ...(perTensor.length > 0 && { numbers: 'f32' as const }),
    },
    outputs: { ...arrays(outputs), ...(isChecking && { flag: 'i32' as const }) },
    params: { count: 'u32', ...params },
    head: `${head}
${perTensor.length > 0 ? `struct PerTensor { ${perTensor.map((one) => `${one}: f32`).join(', ')} }` : ''}
${
  isChecking
    ? `${IS_FINITE}
fn checked(value: f32) -> f32 {
  // Whoever writes, writes the same.
  if (!isFinite(value)) { flag[0] = 1; }
  return value;
}`
    : ''
}`,
    body: `  let tensor = u32(table[params.count + i / ${BLOCK}u]);
  if (i >= u32(table[tensor])) { return; }
${perTensor.length > 0 ? `  let own = PerTensor(${perTensor.map((_, j) => `numbers[tensor * ${perTensor.length}u + ${j}u]`).join(', ')});` : ''}
${body}`,
  });
  return { shader, perTensor, isChecking };
}

interface Numbers {
  /** Lists of numbers, in the shader's order, one a tensor. */
  perTensor?: readonly (readonly number[])[];
  params?: Readonly<Record<string, number>>;
}

export interface SlabDispatch extends Numbers {
  slabs: readonly TensorInfo[];
  alsoRead?: readonly TensorInfo[];
  /** Of the first slab. */
  layout: SlabLayout;
  /** Sizes of the slabs that it gives; default: one, of the layout's. */
  outputs?: readonly number[];
}

/** Dispatches an update over all tensors of slabs at once. @returns new slabs, and the flag where the shader has one */
export function dispatchSlabs(
  backend: GpuBackend,
  { shader, isChecking }: SlabUpdate,
  { slabs, alsoRead = [], layout, outputs = [layout.size], perTensor = [], params }: SlabDispatch,
): { slabs: TensorInfo[]; flag: TensorInfo[] } {
  const count = layout.sizes.length;
  const numbers = perTensor.length === 0 ? [] : [perTensorTable(backend, perTensor, count)];
  // Made of values: 0 until the shader raises it.
  const flag = isChecking ? [backend.makeTensorInfo([1], 'int32', Int32Array.of(0))] : [];
  const made = dispatch(backend, shader, {
    inputs: [...slabs, ...alsoRead, layoutTable(backend, layout), ...numbers],
    outputs: outputs.map((size) => [size]),
    into: flag,
    params: { size: layout.size, count, ...params },
    groups: groupsFor(layout.size),
  });
  for (const { dataId } of numbers) backend.disposeData(dataId);
  return { slabs: made, flag };
}

export interface SlabUpdateCall extends Numbers {
  /** Tensors by input. */
  groups: readonly (readonly TensorInfo[])[];
  /** For each output the input that it has the shapes of. */
  outputs: readonly number[];
}

/** The same of tensors that may lie anywhere. @returns new tensors by output, and the flag where the shader has one */
export function updateSlabs(
  backend: GpuBackend,
  update: SlabUpdate,
  { groups, outputs, ...numbers }: SlabUpdateCall,
): { groups: TensorInfo[][]; flag: TensorInfo[] } {
  const layouts = groups.map((tensors) => slabLayout(tensors.map(({ shape }) => shape)));
  const slabs = groups.map((tensors, i) => slabOf(backend, tensors, layouts[i]));
  const { slabs: made, flag } = dispatchSlabs(backend, update, {
    ...{ slabs, layout: layouts[0], outputs: outputs.map((input) => layouts[input].size) },
    ...numbers,
  });
  for (const { dataId } of slabs) backend.disposeData(dataId);
  return { groups: outputs.map((input, i) => piecesOf(backend, made[i], layouts[input])), flag };
}

function perTensorTable(
  backend: GpuBackend,
  lists: readonly (readonly number[])[],
  count: number,
): TensorInfo {
  const values = Float32Array.from({ length: count * lists.length }, (_, at) => {
    return lists[at % lists.length][Math.floor(at / lists.length)];
  });
  return backend.makeTensorInfo([count, lists.length], 'float32', values);
}

/** Few layouts come up again and again: those of a net's parameters. */
const MOST_TABLES = 16;
const tables = new WeakMap<GpuBackend, Map<string, TensorInfo>>();

/** Where each tensor of a slab ends, then for each block of it the number of the tensor that it belongs to: int32, on the device. */
function layoutTable(backend: GpuBackend, { offsets, sizes, size }: SlabLayout): TensorInfo {
  let own = tables.get(backend);
  if (own === undefined) tables.set(backend, (own = new Map<string, TensorInfo>()));
  const key = sizes.join();
  const known = own.get(key);
  if (known !== undefined) return known;
  const values = new Int32Array(sizes.length + size / BLOCK);
  offsets.forEach((offset, tensor) => {
    values[tensor] = offset + sizes[tensor];
    const first = sizes.length + offset / BLOCK;
    values.fill(tensor, first, first + Math.ceil(sizes[tensor] / BLOCK));
  });
  for (const [oldest, { dataId }] of own) {
    if (own.size < MOST_TABLES) break;
    backend.disposeData(dataId);
    own.delete(oldest);
  }
  const table = backend.makeTensorInfo([values.length], 'int32', values);
  own.set(key, table);
  return table;
}
