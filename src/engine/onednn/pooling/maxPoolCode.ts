import { type Assembler, R } from '../machine/assembler.js';
import { firstPixel, type Strides, type Strips, stripsCode } from '../machine/strips.js';

/** Windows of 2×2 pixels beside each other, which fill the images; a row of them is a strip. */
export interface Pairs extends Strips {
  /** Windows in a row. */
  readonly columns: number;
  /** Of the images, and of what has a pixel for each window. */
  readonly x: Strides;
  readonly y: Strides;
}

/** The code's arguments, by place: x, y = max of x, and for the gradient dy and dx. */
export const MAX_POOL = { x: 0, y: 1, dy: 2, dx: 3 } as const;

/** Offsets of a window's pixels, in the order in which an equal one is taken for the largest. */
const pixelsOf = ({ row, pixel }: Strides): number[] => [0, pixel, row, row + pixel];

/** Code that goes through a row of windows at a time. @param oneWindow gets the addresses of x and y, or of others of these strides, in its registers */
function codeOf(
  { columns, x, y, ...strips }: Pairs,
  places: readonly (readonly [register: number, argument: number, of: 'x' | 'y'])[],
  oneWindow: (code: Assembler) => void,
): Uint8Array {
  return stripsCode(strips, 0, (code) => {
    for (const [register, i, of] of places) {
      firstPixel(code, register, i, of === 'x' ? x : y, of === 'x' ? 2 * x.row : y.row);
    }
    code.repeat(R.rcx, columns, () => {
      oneWindow(code);
      for (const [register, , of] of places) code.addInteger(register, of === 'x' ? 2 * x.pixel : y.pixel);
    });
  });
}

/** y ← the largest of each window. */
export function maxPoolCode(windows: Pairs): Uint8Array {
  const places = [
    [R.r8, MAX_POOL.x, 'x'],
    [R.r9, MAX_POOL.y, 'y'],
  ] as const;
  return codeOf(windows, places, (code) => {
    pixelsOf(windows.x).forEach((offset, i) => code.load(i, { base: R.r8, offset }));
    code.largerVectors(0, 0, 1);
    code.largerVectors(2, 2, 3);
    code.largerVectors(0, 0, 2);
    code.store({ base: R.r9 }, 0);
  });
}

/** dx ← dy where x is the first in its window to be y, and 0 elsewhere. */
export function maxPoolGradientCode(windows: Pairs): Uint8Array {
  const places = [
    [R.r8, MAX_POOL.x, 'x'],
    [R.r9, MAX_POOL.y, 'y'],
    [R.r10, MAX_POOL.dy, 'y'],
    [R.r11, MAX_POOL.dx, 'x'],
  ] as const;
  const [largest, left, is, given] = [0, 1, 2, 3];
  return codeOf(windows, places, (code) => {
    code.load(largest, { base: R.r9 });
    code.load(left, { base: R.r10 });
    const [first, second, third, last] = pixelsOf(windows.x);
    for (const offset of [first, second, third]) {
      code.load(is, { base: R.r8, offset });
      code.compareVectors(is, is, 'equal', largest);
      code.andVectors(given, is, left);
      code.store({ base: R.r11, offset }, given);
      code.andNotVectors(left, is, left);
    }
    // If it was none of the three.
    code.store({ base: R.r11, offset: last }, left);
  });
}
