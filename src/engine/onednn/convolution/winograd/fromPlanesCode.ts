import { type Assembler, Label, R } from '../../machine/assembler.js';
import { storeElements, vectorBytes } from '../../machine/elements.js';
import { OPERANDS, weightedVector } from '../../machine/linearMap.js';
import { argument, firstPixel, stripsCode } from '../../machine/strips.js';
import { ARGUMENT, firstPlane, type Tiled } from './tiled.js';
import type { Matrix } from './transforms.js';

/** The vector that holds a strip's bias. */
const BIAS = 15;

export interface FromPlanes extends Tiled {
  /** Rows: a tile's elements; columns: those of its planes. */
  readonly map: Matrix;
  /** Whether each channel's bias is added to the results. */
  readonly hasBias: boolean;
  /** What a result below 0 is multiplied by, 0 to 1. */
  readonly slope: number;
}

/**
 * Planes of f32 to images, activation(map · M · mapᵀ + bias) of each tile's planes M, without what reaches beyond the images: the way back of `toPlanesCode`. A tile's columns
 * of planes are mapped first, into a scratch, and then its rows.
 */
export function fromPlanesCode({ map, hasBias, slope, ...tiled }: FromPlanes): Uint8Array {
  const { height, width, strides, columns, vectors, type } = tiled;
  const tile = map.length;
  const size = map[0].length;
  const vector = vectorBytes(tiled, 'f32');
  const rowBytes = size * vector;

  // rbx: the tile's first plane; r9: bytes from a plane to the next; r8: the tile's first pixel; rsi: rows of the image from there on.
  const oneTile = (code: Assembler, elements: number): void => {
    code.move(R.rax, R.rbx);
    for (let column = 0; column < size; column++) {
      for (let i = 0; i < size; i++) {
        code.load(i, { base: R.rax });
        code.add(R.rax, R.r9);
      }
      map.forEach((factors, row) => {
        const sum = weightedVector(code, factors, OPERANDS + (row % OPERANDS));
        code.store({ base: R.rsp, offset: row * rowBytes + column * vector }, sum);
      });
    }
    const done = new Label();
    for (let row = 0; row < tile; row++) {
      if (row > 0) {
        code.compareInteger(R.rsi, row);
        code.jumpIf('notGreater', done);
      }
      for (let i = 0; i < size; i++) code.load(i, { base: R.rsp, offset: row * rowBytes + i * vector });
      for (let element = 0; element < elements; element++) {
        let sum = weightedVector(code, map[element], OPERANDS);
        if (hasBias) {
          code.addVectors(OPERANDS, sum, BIAS);
          sum = OPERANDS;
        }
        sum = activated(code, sum, slope);
        storeElements(code, type, { base: R.r8, offset: row * strides.row + element * strides.pixel }, sum);
      }
    }
    code.place(done);
  };

  const whole = Math.min(columns, Math.floor(width / tile));
  const oneStrip = (code: Assembler): void => {
    firstPlane(code, tiled, 'f32');
    if (hasBias) {
      code.multiplyInteger(R.rcx, R.rax, vectors);
      code.add(R.rcx, R.r15);
      code.multiplyInteger(R.rcx, R.rcx, vector);
      code.add(R.rcx, argument(ARGUMENT.bias));
      code.load(BIAS, { base: R.rcx });
    }
    code.move(R.r9, argument(ARGUMENT.planeBytes));
    firstPixel(code, R.r8, ARGUMENT.images, strides, tile * strides.row);
    code.multiplyInteger(R.rsi, R.rsi, -tile);
    code.addInteger(R.rsi, height);
    if (whole > 0) {
      code.repeat(R.r11, whole, () => {
        oneTile(code, tile);
        code.addInteger(R.r8, tile * strides.pixel);
        code.addInteger(R.rbx, vectors * vector);
      });
    }
    if (whole < columns) oneTile(code, width - tile * whole);
  };
  return stripsCode(tiled, tile * rowBytes, oneStrip);
}

/** max(x, slope · x), which keeps what is not a number. */
function activated(code: Assembler, sum: number, slope: number): number {
  if (slope === 1) return sum;
  const [result, below] = [OPERANDS + 1, OPERANDS + 2];
  code.scaleVector(below, sum, slope);
  code.largerVectors(result, sum, below);
  return result;
}
