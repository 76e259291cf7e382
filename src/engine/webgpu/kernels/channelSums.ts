import { Sum, type SumAttrs, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { ChannelSum, type ChannelSumInputs } from '../../ops/ChannelSum.js';
import { dispatch } from '../dispatch.js';
import { gpuKernel } from '../kernel.js';
import { type Shader, elementwiseShader, groupsFor, makeShader } from '../shader.js';
import type { GpuBackend } from '../gpuBackend.js';

/** Channels that a workgroup reads beside each other. */
const WIDTH = 64;
/** Parts that a tensor's positions are summed in; the parts are added in their order, so that sums repeat bit for bit. */
const MOST_PARTS = 128;
const POSITIONS_A_PART = 64;
/** Numbers that are added to each other before they are to the rest: the fewer digits are lost. */
const BLOCK = 16;

/** Positions and channels of a tensor [N, C] or [N, H, W, C], and the parts that its sums are made in. */
export function partsOf({ shape }: TensorInfo): { rows: number; channels: number; parts: number } {
  const channels = shape[shape.length - 1];
  const rows = util.sizeFromShape(shape) / channels;
  return { rows, channels, parts: Math.max(1, Math.min(MOST_PARTS, Math.ceil(rows / POSITIONS_A_PART))) };
}

/**
 * A shader that makes one sum, or two, of each part's values by channel: [parts, C].
 * @param terms of a position: WGSL by the names of the sums, in terms of `at` (the element) and `c` (its channel)
 */
export function partialSumsShader(
  name: string,
  inputs: Readonly<Record<string, 'f32' | 'float'>>,
  terms: Readonly<Record<string, string>>,
  { before = '', params = {} }: { before?: string; params?: Readonly<Record<string, 'f32'>> } = {},
): Shader {
  const sums = Object.keys(terms);
  return makeShader({
    name,
    inputs,
    outputs: Object.fromEntries(sums.map((sum) => [sum, 'f32' as const])),
    params: { size: 'u32', rows: 'u32', channels: 'u32', parts: 'u32', ...params },
    workgroup: [WIDTH],
    body: `  let c = global.x;
  if (c >= params.channels) { return; }
  let perPart = (params.rows + params.parts - 1u) / params.parts;
  let first = group.y * perPart;
  let end = min(first + perPart, params.rows);
${before}
${sums.map((sum) => `  var of_${sum} = 0.0;`).join('\n')}
  for (var block = first; block < end; block += ${BLOCK}u) {
${sums.map((sum) => `    var few_${sum} = 0.0;`).join('\n')}
    for (var row = block; row < min(block + ${BLOCK}u, end); row++) {
      let at = row * params.channels + c;
${sums.map((sum) => `      few_${sum} += ${terms[sum]};`).join('\n')}
    }
${sums.map((sum) => `    of_${sum} += few_${sum};`).join('\n')}
  }
${sums.map((sum) => `  ${sum}[group.y * params.channels + c] = of_${sum};`).join('\n')}`,
  });
}

/** Runs a shader of partial sums over a tensor. @returns [parts, C], one a sum */
export function partialSums(
  backend: GpuBackend,
  shader: Shader,
  inputs: readonly TensorInfo[],
  params: Readonly<Record<string, number>> = {},
): TensorInfo[] {
  const { rows, channels, parts } = partsOf(inputs[0]);
  return dispatch(backend, shader, {
    inputs,
    outputs: shader.outputs.map(() => [parts, channels]),
    params: { rows, channels, parts, ...params },
    groups: [Math.ceil(channels / WIDTH), parts, 1],
  });
}

const sums = partialSumsShader(ChannelSum, { x: 'float' }, { sum: 'read_x(at)' });

/** Adds up parts in their order; the first `split` sums are one tensor's, the others another's. */
const addedShader = (hasSecond: boolean) =>
  elementwiseShader({
    name: `${ChannelSum}OfParts`,
    inputs: { parts: 'f32' },
    outputs: { sum: 'f32', ...(hasSecond && { second: 'f32' as const }) },
    params: { count: 'u32', split: 'u32' },
    body: `  var all = 0.0;
  for (var block = 0u; block < params.count; block += ${BLOCK}u) {
    var few = 0.0;
    for (var part = block; part < min(block + ${BLOCK}u, params.count); part++) { few += parts[part * params.size + i]; }
    all += few;
  }
  ${hasSecond ? 'if (i >= params.split) { second[i - params.split] = all; } else { sum[i] = all; }' : 'sum[i] = all;'}`,
  });

const ADDED = [addedShader(false), addedShader(true)];

/**
 * The sum of parts.
 * @param parts [P, ...]
 * @param shapes of the one or two tensors that it consists of, one after the other
 */
export function sumOfParts(
  backend: GpuBackend,
  parts: TensorInfo,
  shapes: readonly (readonly number[])[],
): TensorInfo[] {
  const [count] = parts.shape;
  const size = util.sizeFromShape(parts.shape) / count;
  return dispatch(backend, ADDED[shapes.length - 1], {
    inputs: [parts],
    outputs: shapes,
    params: { size, count, split: util.sizeFromShape([...shapes[0]]) },
    groups: groupsFor(size),
  });
}

/** So few positions are summed by one workgroup for each few channels. */
const FEW_POSITIONS = 4096;
const LANES = 16;

/** All sums at once: each lane its positions, then the lanes in a fixed order. */
const fewSums = makeShader({
  name: ChannelSum,
  inputs: { x: 'float' },
  outputs: { sum: 'f32' },
  params: { rows: 'u32', channels: 'u32' },
  workgroup: [LANES, LANES],
  head: `var<workgroup> shares: array<f32, ${LANES * LANES}>;`,
  body: `  let c = global.x;
  var own = 0.0;
  if (c < params.channels) {
    for (var row = local.y; row < params.rows; row += ${LANES}u) { own += read_x(row * params.channels + c); }
  }
  shares[local.y * ${LANES}u + local.x] = own;
  for (var half = ${LANES / 2}u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local.y < half) { shares[local.y * ${LANES}u + local.x] += shares[(local.y + half) * ${LANES}u + local.x]; }
  }
  if (local.y == 0u && c < params.channels) { sum[c] = shares[local.x]; }`,
});

/** Sum by channel of a tensor. */
export function channelSums(backend: GpuBackend, x: TensorInfo): TensorInfo {
  const { rows, channels } = partsOf(x);
  if (rows <= FEW_POSITIONS) {
    return dispatch(backend, fewSums, {
      inputs: [x],
      outputs: [[channels]],
      params: { rows, channels },
      groups: [Math.ceil(channels / LANES), 1, 1],
    })[0];
  }
  const [parts] = partialSums(backend, sums, [x]);
  const [sum] = sumOfParts(backend, parts, [[channels]]);
  backend.disposeData(parts.dataId);
  return sum;
}

export const channelSumKernel = gpuKernel<ChannelSumInputs, object>(ChannelSum, (backend, { x }) =>
  channelSums(backend, x),
);

/** tfjs's sum, over all axes but the last: its own would turn the tensor round first. */
export const sumKernel = gpuKernel<{ x: TensorInfo }, SumAttrs>(Sum, (backend, { x }, { axis, keepDims }) => {
  const axes = util.parseAxisParam(axis, x.shape).toSorted((a, b) => a - b);
  const isByChannel =
    axes.length === x.shape.length - 1 && axes.every((of, i) => of === i) && axes.length > 0;
  const isPlain = x.dtype === 'float32' && util.sizeFromShape(x.shape) > 0;
  if (!isByChannel || !isPlain || keepDims) return undefined;
  return channelSums(backend, x);
});
