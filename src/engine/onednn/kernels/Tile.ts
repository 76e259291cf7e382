import { Tile, type TileAttrs, type TileInputs } from '@tensorflow/tfjs-core';
import { nativeKernel } from '../kernel.js';
import { tiled } from '../rearranging/tiled.js';

/** A tensor repeated along its axes, as gradients of sums repeat theirs. */
export const tile = nativeKernel<TileInputs, TileAttrs>(Tile, ({ x }, { reps }, backend) =>
  tiled(backend, x, reps),
);
