import type { OneDnnBackend } from '../../backend.js';
import { runStrips, vectorsOf } from '../../machine/strips.js';
import { nchwShape } from '../axes.js';
import { stridesOf } from '../heldImages.js';
import { fromPlanesCode } from './fromPlanesCode.js';
import { planeBytes, type Tiling } from './tiling.js';

/** What becomes of the planes that products wrote, column by column: Aᵀ M A, tile by tile, as images [N, H, W, C] in blocks of channels. */
export class TileOutputs {
  /**
   * @param bias address of each channel's, or null
   * @param slope what sums below 0 are multiplied by, from 0 to 1
   */
  constructor(
    private readonly backend: OneDnnBackend,
    private readonly tiling: Tiling,
    private readonly shape: readonly number[],
    private readonly images: bigint,
    private readonly bias: bigint | null,
    private readonly slope: number,
  ) {}

  /** Writes images start…start + count. */
  write(planes: bigint, start: number, count: number): void {
    const { backend, tiling, bias, slope } = this;
    const hasBias = bias !== null;
    const { transform, rows, columns } = tiling;
    const [, height, width, channels] = this.shape;
    const strides = stridesOf(nchwShape(this.shape), {
      block: backend.descriptors.channelBlock,
      isLast: false,
      type: 'f32',
    });
    const shape = { height, width, strides, rows, columns, vectors: vectorsOf(backend) };
    const key = ['fromPlanes', transform.tile, ...this.shape.slice(1), rows, columns, hasBias, slope].join(
      '|',
    );
    runStrips(
      backend,
      key,
      () => fromPlanesCode({ map: transform.outputs, hasBias, slope, ...shape }),
      { images: count, rows, channels },
      [this.images + BigInt(start * strides.image), planes, planeBytes(tiling, count, channels), bias ?? 0],
    );
  }
}
