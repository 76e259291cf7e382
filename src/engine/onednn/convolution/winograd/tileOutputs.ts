import type { OneDnnBackend } from '../../backend.js';
import { runStrips, vectorsOf } from '../../machine/strips.js';
import { nchwShape } from '../axes.js';
import { stridesOf } from '../heldImages.js';
import { fromPlanesCode } from './fromPlanesCode.js';
import { planeBytes, resultPlanes, type Tiling } from './tiling.js';

/** What becomes of the planes that products wrote, column by column: Aᵀ M A, tile by tile, as images [N, H, W, C] in blocks of channels, of the backend's type. */
export class TileOutputs {
  /**
   * @param bias address of each channel's, which fill their blocks, or null
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
    const type = backend.computeType;
    const [, height, width] = this.shape;
    const outputs = resultPlanes(backend, this.shape[3]);
    const strides = stridesOf(nchwShape(this.shape), {
      block: backend.descriptors.channelBlock,
      isLast: false,
      type,
    });
    const vectors = vectorsOf(backend);
    const shape = { height, width, strides, rows, columns, type, ...vectors };
    const key = ['fromPlanes', transform.tile, ...this.shape.slice(1), rows, columns, hasBias, slope].join(
      '|',
    );
    runStrips(
      backend,
      key,
      () => fromPlanesCode({ map: transform.outputs, hasBias, slope, ...shape }),
      { images: count, rows, channels: outputs.padded, lanes: vectors.lanes },
      [this.images + BigInt(start * strides.image), planes, planeBytes(tiling, count, outputs), bias ?? 0],
    );
  }
}
