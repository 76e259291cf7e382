import { reshape } from '@tensorflow/tfjs-core';
import type { Rank, Tensor, Tensor1D, Tensor3D } from '@tensorflow/tfjs-core';

/**
 * Views a tensor as images of positions of channels.
 * @param x [N, C] or [N, H, W, C]
 * @returns [N, 1, C] or [N, H·W, C]
 */
export function asImages(x: Tensor): Tensor3D {
  const n = x.shape[0];
  const channels = x.shape[x.rank - 1];
  return reshape<Rank.R3>(x, [n, x.size / (n * channels), channels]);
}

/**
 * Checks that each parameter holds one value a channel of x.
 * @throws Error that names the kernel, the shapes that came and those that were expected
 */
export function checkPerChannel(kernelName: string, x: Tensor, parameters: Record<string, Tensor1D>): void {
  if (x.rank !== 2 && x.rank !== 4) {
    throw new Error(
      `${kernelName}: expected x of shape [N, C] or [N, H, W, C], got [${x.shape.join(', ')}].`,
    );
  }
  const channels = x.shape[x.rank - 1];
  for (const [name, parameter] of Object.entries(parameters)) {
    if (parameter.rank !== 1 || parameter.shape[0] !== channels) {
      throw new Error(
        `${kernelName}: expected ${name} of shape [${channels}], one value a channel of x [${x.shape.join(', ')}], got [${parameter.shape.join(', ')}].`,
      );
    }
  }
}
