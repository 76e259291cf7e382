import type { TensorInfo } from '@tensorflow/tfjs-core';
import { util } from '@tensorflow/tfjs-core';
import { ChannelSum, type ChannelSumInputs } from '../../ops/ChannelSum.js';
import { dispatch } from '../dispatch.js';
import { gpuKernel } from '../kernel.js';
import { type Shader, elementwiseShader, makeShader } from '../shader.js';
import type { GpuBackend } from '../backend.js';

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
  inputs: Readonly<Record<string, 'f32'>>,
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
    outputs: Array.from({ length: shader.outputs }, () => [parts, channels]),
    params: { rows, channels, parts, ...params },
    groups: [Math.ceil(channels / WIDTH), parts, 1],
  });
}

const sums = partialSumsShader(ChannelSum, { x: 'f32' }, { sum: 'x[at]' });

/** Adds up parts [P, C] in their order. */
const added = elementwiseShader({
  name: `${ChannelSum}OfParts`,
  inputs: { parts: 'f32' },
  outputs: { sum: 'f32' },
  params: { count: 'u32' },
  body: `  var all = 0.0;
  for (var block = 0u; block < params.count; block += ${BLOCK}u) {
    var few = 0.0;
    for (var part = block; part < min(block + ${BLOCK}u, params.count); part++) { few += parts[part * params.size + i]; }
    all += few;
  }
  sum[i] = all;`,
});

/** @param parts [P, …] @returns their sum, of a shape */
export function sumOfParts(backend: GpuBackend, parts: TensorInfo, shape: readonly number[]): TensorInfo {
  const params = { count: parts.shape[0] };
  return dispatch(backend, added, { inputs: [parts], outputs: [shape], params })[0];
}

/** Sum by channel of a tensor. */
export function channelSums(backend: GpuBackend, x: TensorInfo): TensorInfo {
  const [parts] = partialSums(backend, sums, [x]);
  const sum = sumOfParts(backend, parts, [parts.shape[1]]);
  backend.disposeData(parts.dataId);
  return sum;
}

export const channelSumKernel = gpuKernel<ChannelSumInputs, object>(ChannelSum, (backend, { x }) =>
  channelSums(backend, x),
);
