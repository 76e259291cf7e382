import { type Assembler, Label, R } from '../../machine/assembler.js';
import { loadElements, storeElements, vectorBytes } from '../../machine/elements.js';
import { OPERANDS, weightedVector } from '../../machine/linearMap.js';
import { argument, firstPixel, stripsCode } from '../../machine/strips.js';
import { ARGUMENT, firstPlane, type Tiled } from './tiled.js';
import type { Matrix } from './transforms.js';

export interface ToPlanes extends Tiled {
  /** Rows: those of a tile's planes; columns: the tile's elements. */
  readonly map: Matrix;
  /** Pixels from one tile to the next. */
  readonly tile: number;
  /** Rows and columns of zeros before the first tile. */
  readonly border: number;
  /** Of the images, as many as fill their vectors. The others of the last block are 0 in the planes. */
  readonly channels: number;
}

/**
 * Images to planes of the same type, (map · D · mapᵀ) of each tile D, by rows of tiles. All rows of their columns are mapped first, into a scratch that stays
 * in the nearest cache, and then the columns.
 */
export function toPlanesCode({ map, tile, border, channels, ...tiled }: ToPlanes): Uint8Array {
  const { height, width, strides, columns, vectors, type } = tiled;
  const size = map.length;
  const reads = map[0].length;
  const frame = tile * (columns - 1) + reads;
  const valid = Math.min(width, frame - border);
  const vector = vectorBytes(tiled, 'f32');
  const columnBytes = size * vector;
  const filled = channels / tiled.lanes;

  const clearBorders = (code: Assembler): void => {
    code.zeroVector(0);
    for (let x = 0; x < frame; x++) {
      if (x >= border && x < border + valid) continue;
      for (let i = 0; i < size; i++) code.store({ base: R.rsp, offset: x * columnBytes + i * vector }, 0);
    }
  };

  const mapRows = (code: Assembler): void => {
    // The addresses of the strip's rows, in r8 and on; rsi: the image's row that the first would be.
    firstPixel(code, R.r14, ARGUMENT.images, strides, tile * strides.row);
    code.multiplyInteger(R.rsi, R.rsi, tile);
    if (filled % vectors !== 0) {
      const hasChannels = new Label();
      code.multiplyInteger(R.rcx, R.rax, vectors);
      code.add(R.rcx, R.r15);
      code.compareInteger(R.rcx, filled);
      code.jumpIf('less', hasChannels);
      code.moveInteger(R.rsi, height + border);
      code.place(hasChannels);
    }
    for (let i = 0; i < reads; i++) {
      code.address(R.r8 + i, { base: R.r14, offset: (i - border) * strides.row });
      code.address(R.rax, { base: R.rsi, offset: i - border });
      code.compareInteger(R.rax, height);
      code.moveIf('notBelow', R.r8 + i, argument(ARGUMENT.zeros));
    }
    code.address(R.rcx, { base: R.rsp, offset: border * columnBytes });
    code.moveInteger(R.rax, 0);
    const column = new Label();
    code.place(column);
    for (let i = 0; i < reads; i++) loadElements(code, type, i, { base: R.r8 + i, index: R.rax });
    map.forEach((factors, i) => {
      code.store(
        { base: R.rcx, offset: i * vector },
        weightedVector(code, factors, OPERANDS + (i % OPERANDS)),
      );
    });
    code.addInteger(R.rcx, columnBytes);
    code.addInteger(R.rax, strides.pixel);
    code.compareInteger(R.rax, valid * strides.pixel);
    code.jumpIf('less', column);
  };

  const mapColumns = (code: Assembler): void => {
    // r9: bytes from a plane to the next, r10: to that of the next column.
    code.move(R.r9, argument(ARGUMENT.planeBytes));
    code.multiplyInteger(R.r10, R.r9, size);
    code.move(R.rcx, R.rsp);
    code.repeat(R.r11, columns, () => {
      code.move(R.r12, R.rbx);
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < reads; j++) code.load(j, { base: R.rcx, offset: j * columnBytes + i * vector });
        code.move(R.rax, R.r12);
        map.forEach((factors, k) => {
          storeElements(
            code,
            type,
            { base: R.rax },
            weightedVector(code, factors, OPERANDS + (k % OPERANDS)),
          );
          if (k + 1 < size) code.add(R.rax, R.r10);
        });
        if (i + 1 < size) code.add(R.r12, R.r9);
      }
      code.addInteger(R.rcx, tile * columnBytes);
      code.addInteger(R.rbx, vectors * vectorBytes(code, type));
    });
  };

  const oneStrip = (code: Assembler): void => {
    firstPlane(code, tiled, type);
    mapRows(code);
    mapColumns(code);
  };
  return stripsCode(tiled, frame * columnBytes, oneStrip, clearBorders);
}
