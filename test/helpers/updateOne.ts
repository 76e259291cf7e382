import type { Tensor } from '@tensorflow/tfjs-core';
import { type AdamUpdateAttrs } from '../../src/engine/ops/AdamUpdate.js';
import { adamUpdateAll } from '../../src/engine/ops/AdamUpdateAll.js';
import { lerpAll } from '../../src/engine/ops/LerpAll.js';
import { type SgdUpdateAttrs } from '../../src/engine/ops/SgdUpdate.js';
import { sgdUpdateAll } from '../../src/engine/ops/SgdUpdateAll.js';

/** Updates of many parameters, for one: [parameter′, m′, v′]. */
export function adamUpdate<T extends Tensor>(
  parameter: T,
  m: T,
  v: T,
  gradient: T,
  { learningRate, ...attrs }: AdamUpdateAttrs,
): T[] {
  const all = { ...attrs, learningRates: [learningRate] };
  const { groups, notFinite } = adamUpdateAll([parameter], [m], [v], [gradient], all);
  notFinite?.dispose();
  return groups.flat() as T[];
}

/** [parameter′, buffer′] */
export function sgdUpdate<T extends Tensor>(
  parameter: T,
  buffer: T,
  gradient: T,
  { learningRate, weightDecay, ...attrs }: SgdUpdateAttrs,
): T[] {
  const all = { ...attrs, learningRates: [learningRate], weightDecays: [weightDecay] };
  const { groups, notFinite } = sgdUpdateAll([parameter], [buffer], [gradient], all);
  notFinite?.dispose();
  return groups.flat() as T[];
}

export const lerp = <T extends Tensor>(a: T, b: T, t: number): T => lerpAll([a], [b], t)[0] as T;
