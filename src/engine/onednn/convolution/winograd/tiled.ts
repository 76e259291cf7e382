import type { Strides } from '../../machine/strips.js';

/** Images cut into tiles. */
export interface Tiled {
  /** Of the images. */
  readonly height: number;
  readonly width: number;
  readonly strides: Strides;
  /** Of tiles. */
  readonly rows: number;
  readonly columns: number;
  /** Vectors of a block of channels. */
  readonly vectors: number;
}

/** What the maps' code is given, by place: addresses of the first image and the first plane, bytes from a plane to the next, and as many zeros as a row has. */
export const ARGUMENT = { images: 0, planes: 1, planeBytes: 2, zeros: 3 } as const;
