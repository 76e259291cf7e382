import type { ComputeType } from '../../backend.js';
import { type Assembler, R } from '../../machine/assembler.js';
import { vectorBytes } from '../../machine/elements.js';
import { argument, type Strides, type Strips } from '../../machine/strips.js';

/** Images cut into tiles. */
export interface Tiled extends Strips {
  /** Of the images. */
  readonly height: number;
  readonly width: number;
  readonly strides: Strides;
  /** Of the images' elements. */
  readonly type: ComputeType;
  /** Of tiles; rows of them are strips. */
  readonly columns: number;
}

/**
 * What the maps' code is given, by place: addresses of the first image and the first plane, bytes from a plane to the next; then to planes as many
 * zeros as a row has, from planes each channel's bias.
 */
export const ARGUMENT = { images: 0, planes: 1, planeBytes: 2, zeros: 3, bias: 3 } as const;

/** rbx ← where the first plane of a strip's first tile is, just after the strip was taken. Changes rcx. @param type of the planes' elements */
export function firstPlane(code: Assembler, { columns, vectors }: Tiled, type: ComputeType): void {
  code.multiplyInteger(R.rbx, R.rbx, columns * vectors * vectorBytes(code, type));
  code.multiplyInteger(R.rcx, R.r15, vectorBytes(code, type));
  code.add(R.rbx, R.rcx);
  code.add(R.rbx, argument(ARGUMENT.planes));
}
