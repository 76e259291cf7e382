import { type DataType, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { type ElementType, type Shader, elementwiseShader, groupsFor } from './shader.js';
import type { GpuBackend } from './gpuBackend.js';
import { Recent } from './recent.js';
import { BATCH, type GpuBuffer, type GpuDevice, type GpuPipeline, USAGE } from './stock.js';

export interface Dispatch {
  inputs: readonly TensorInfo[];
  /** Shapes of what it gives; default: one, of the first input's shape. */
  outputs?: readonly (readonly number[])[];
  /** Tensors that it writes into beside, after the outputs; they stay the caller's. */
  into?: readonly TensorInfo[];
  /** Default: float32. */
  dtypes?: readonly DataType[];
  params?: Readonly<Record<string, number>>;
  /** Default: one thread an element of the first output. */
  groups?: readonly [number, number, number];
  /** Multiplications and additions, of a matrix product. */
  flops?: number;
  /** That it reads and writes, where it is not all of its tensors. */
  bytes?: number;
}

/** By shader and by which of its arrays lie in 16 bits. */
const pipelines = new WeakMap<GpuDevice, Map<Shader, GpuPipeline[]>>();

/** @param halves bit i: whether array i lies in 16 bits */
function pipelineOf(device: GpuDevice, shader: Shader, halves: number): GpuPipeline {
  let own = pipelines.get(device);
  if (own === undefined) pipelines.set(device, (own = new Map<Shader, GpuPipeline[]>()));
  let variants = own.get(shader);
  if (variants === undefined) own.set(shader, (variants = []));
  const known = variants.at(halves);
  if (known !== undefined) return known;
  const { name } = shader;
  const module = device.createShaderModule({ label: name, code: shader.code(halves) });
  return (variants[halves] = device.createComputePipeline({
    ...{ label: name, layout: 'auto', compute: { module } },
  }));
}

/**
 * Records one dispatch of a shader into tfjs's own queue, among those of tfjs's kernels.
 * @returns new tensors, one an output; where they are empty nothing is dispatched
 */
export function dispatch(
  backend: GpuBackend,
  shader: Shader,
  {
    inputs,
    outputs: shapes = [inputs[0].shape],
    into = [],
    dtypes = [],
    params = {},
    groups,
    flops = 0,
    bytes,
  }: Dispatch,
): TensorInfo[] {
  const outputs = shapes.map((shape, i) => backend.makeTensorInfo([...shape], dtypes[i] ?? 'float32'));
  const size = util.sizeFromShape([...outputs, ...into][0].shape);
  if (size === 0) {
    for (const { dataId } of outputs) backend.tensorMap.get(dataId).values = new Float32Array(0);
    return outputs;
  }
  const given = inputs.map((input, i) => readable(backend, input, shader.inputs[i]));
  const tensors = [...given, ...outputs, ...into];
  backend.remember(shader.name, tensors);
  outputs.forEach(({ dataId }, i) => {
    if (shader.outputs[i] === 'float' && backend.storesHalves) backend.tensorMap.get(dataId).isHalf = true;
  });
  for (const { dataId } of tensors) backend.uploadToGPU(dataId);
  const bindings = tensors.map((tensor) => backend.tensorToBinding(tensor) as Binding);
  if (shader.params.length > 0) bindings.push(uniform(backend.device, shader, { size, ...params }));
  for (const { dataId } of tensors) backend.commandQueueOwnedIds.add(dataId);
  const halves = tensors.reduce(
    (bits, { dataId }, i) => (backend.tensorMap.get(dataId).isHalf === true ? bits | (1 << i) : bits),
    0,
  );
  const pipeline = pipelineOf(backend.device, shader, halves);
  const bindGroup = bindGroupOf(backend.device, shader, pipeline, bindings);
  backend.profiler.dispatch(backend, { name: shader.name, tensors, flops, bytes }, () => {
    backend.ensureCommandEncoderReady();
    backend.computePassEncoder ??= backend.commandEncoder?.beginComputePass({}) ?? null;
    const pass = backend.computePassEncoder;
    if (pass === null) throw new Error(`${shader.name}: the backend has no command encoder.`);
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(...(groups ?? groupsFor(size)));
  });
  backend.dispatchCountInPass++;
  if (backend.dispatchCountInPass >= BATCH) {
    backend.endComputePassEncoder();
    backend.submitQueue();
  }
  disposeCasts(backend, given, inputs);
  return outputs;
}

const castShader = (x: ElementType): Shader =>
  elementwiseShader({
    name: 'Cast',
    inputs: { x },
    outputs: { y: 'f32' },
    body: `  y[i] = ${x === 'float' ? 'read_x(i)' : 'f32(x[i])'};`,
  });

const CASTS = { integers: castShader('i32'), halves: castShader('float') };

/** A tensor's numbers in 32 bits, where it lies in 16; a new tensor then, which the caller disposes. */
export const inFull = (backend: GpuBackend, x: TensorInfo): TensorInfo =>
  backend.tensorMap.get(x.dataId).isHalf === true ? dispatch(backend, CASTS.halves, { inputs: [x] })[0] : x;

/** Disposes what was made of tensors to be read in their place. */
export function disposeCasts(
  backend: GpuBackend,
  read: readonly TensorInfo[],
  tensors: readonly TensorInfo[],
): void {
  read.forEach(({ dataId }, i) => {
    if (read[i] !== tensors[i]) backend.disposeData(dataId);
  });
}

/** A tensor as a shader takes it. Floats may lie on the device as the integers that they were cast from. */
function readable(backend: GpuBackend, x: TensorInfo, wanted: ElementType): TensorInfo {
  if (wanted === 'i32') return x;
  const { dtype } = backend.tensorMap.get(x.dataId);
  if (dtype !== 'float32') return dispatch(backend, CASTS.integers, { inputs: [x] })[0];
  return wanted === 'float' ? x : inFull(backend, x);
}

/** A part of a buffer, as shaders see it. */
interface Binding {
  buffer: GpuBuffer;
  offset?: number;
  size?: number;
}

let seen = 0;
const numbers = new WeakMap<object, number>();

/** A number of a buffer's, or pipeline's, own. */
function numberOf(object: object): number {
  let number = numbers.get(object);
  if (number === undefined) numbers.set(object, (number = seen++));
  return number;
}

/** The pool gives a training step the buffers of the step before: most groups come up again and again. */
const bindGroups = new Recent<object>(4096);

function bindGroupOf(
  device: GpuDevice,
  { name }: Shader,
  pipeline: GpuPipeline,
  bindings: readonly Binding[],
): object {
  let key = String(numberOf(pipeline));
  for (const { buffer, offset = 0, size = 0 } of bindings) key += `,${numberOf(buffer)}:${offset}:${size}`;
  return bindGroups.get(key, () =>
    device.createBindGroup({
      label: name,
      layout: pipeline.getBindGroupLayout(0),
      entries: bindings.map((resource, binding) => ({ binding, resource })),
    }),
  );
}

/** Buffers of a dispatch's own numbers, which are the same at most steps. */
const uniforms = new WeakMap<GpuDevice, Recent<GpuBuffer>>();

function uniform(
  device: GpuDevice,
  { name, params }: Shader,
  values: Readonly<Record<string, number>>,
): Binding {
  let own = uniforms.get(device);
  if (own === undefined) uniforms.set(device, (own = new Recent<GpuBuffer>(2048)));
  const bytes = new DataView(new ArrayBuffer(Math.ceil(params.length / 4) * 16));
  let key = '';
  params.forEach(([field, type], i) => {
    if (!Object.hasOwn(values, field)) throw new Error(`${name}: the parameter ${field} is missing.`);
    const value = values[field];
    if (type === 'f32') bytes.setFloat32(4 * i, value, true);
    else if (type === 'u32') bytes.setUint32(4 * i, value, true);
    else bytes.setInt32(4 * i, value, true);
    key += `${bytes.getUint32(4 * i, true)},`;
  });
  const buffer = own.get(key, () => {
    const made = device.createBuffer({ size: bytes.byteLength, usage: USAGE.uniform | USAGE.copyTarget });
    device.queue.writeBuffer(made, 0, bytes.buffer);
    return made;
  });
  return { buffer };
}
