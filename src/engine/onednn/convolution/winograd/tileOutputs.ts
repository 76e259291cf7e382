import type { OneDnnBackend } from '../../backend.js';
import { fromPlanesCode } from './fromPlanesCode.js';
import { mapStrips, stripsOf } from './strips.js';
import { FLOAT_BYTES, planeBytes, type Tiling } from './tiling.js';

/** What becomes of the planes that products wrote, column by column: Aᵀ M A, tile by tile, as images [N, H, W, C] in blocks of channels. */
export class TileOutputs {
  /** @param slope what sums below 0 are multiplied by, from 0 to 1 */
  constructor(
    private readonly backend: OneDnnBackend,
    private readonly tiling: Tiling,
    private readonly shape: readonly number[],
    private readonly images: bigint,
    private readonly slope: number,
  ) {}

  /** Writes images start…start + count. */
  write(planes: bigint, start: number, count: number): void {
    const { backend, tiling, slope } = this;
    const { transform, rows, columns } = tiling;
    const [, height, width, channels] = this.shape;
    const pixel = FLOAT_BYTES * backend.descriptors.channelBlock;
    const image = FLOAT_BYTES * height * width * channels;
    const strides = { image, block: height * width * pixel, row: width * pixel, pixel };
    const shape = { height, width, strides, rows, columns, block: pixel };
    const key = ['fromPlanes', transform.tile, height, width, rows, columns, channels, slope].join('|');
    const code = backend.machineCode(key, () => fromPlanesCode({ map: transform.outputs, slope, ...shape }));
    mapStrips(backend, code, {
      images: this.images + BigInt(start * image),
      count,
      strips: stripsOf(count, rows, channels),
      planes,
      planeBytes: planeBytes(tiling, count, channels),
      zeros: 0n,
    });
  }
}
