/** Pixels of one picture, row by row: red, green, blue, each 0…255. */
export interface Pixels {
  /** height × width × 3 bytes. */
  readonly rgb: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A rectangle of a picture, in its pixels; borders may lie between them. */
export interface Area {
  left: number;
  top: number;
  width: number;
  height: number;
}

/**
 * Shrinks a part of a picture: each pixel of the result is the mean of the area that it covers, a pixel that lies in it by half
 * counting half. Of a part that is smaller than the result, it repeats the pixels. No library is asked, so that Node and
 * browsers give the same bytes.
 * @param area within the picture, of a positive size
 * @returns height × width × 3 values, 0…255, not rounded
 */
export function areaMean(
  { rgb, width }: Pixels,
  area: Area,
  to: { width: number; height: number },
): Float32Array {
  const columns = shares(area.left, area.width, to.width);
  const rows = shares(area.top, area.height, to.height);
  const result = new Float32Array(to.width * to.height * 3);
  const line = new Float64Array(to.width * 3);
  for (let y = 0; y < to.height; y++) {
    line.fill(0);
    for (let row = rows.first[y]; row <= rows.last[y]; row++) {
      addRow(line, rgb, row * width, columns, rows.share(y, row));
    }
    for (let i = 0; i < line.length; i++) result[y * line.length + i] = line[i];
  }
  return result;
}

/** Adds to each pixel of a line the mean of what it covers of one row, times the row's share. */
function addRow(line: Float64Array, rgb: Uint8Array, start: number, columns: Shares, rowShare: number): void {
  for (let x = 0; x < columns.first.length; x++) {
    for (let column = columns.first[x]; column <= columns.last[x]; column++) {
      const share = rowShare * columns.share(x, column);
      const from = (start + column) * 3;
      line[3 * x] += share * rgb[from];
      line[3 * x + 1] += share * rgb[from + 1];
      line[3 * x + 2] += share * rgb[from + 2];
    }
  }
}

interface Shares {
  /** The first and the last pixel that each cell of the result covers. */
  first: Int32Array;
  last: Int32Array;
  /** How much of a cell a pixel makes, 0…1. */
  share(cell: number, pixel: number): number;
}

/** What each of `cells` equal parts of a length covers of the pixels along it. */
function shares(start: number, length: number, cells: number): Shares {
  const border = (cell: number): number => start + (cell * length) / cells;
  const first = Int32Array.from({ length: cells }, (_, cell) => Math.floor(border(cell)));
  const last = Int32Array.from({ length: cells }, (_, cell) =>
    Math.max(first[cell], Math.ceil(border(cell + 1)) - 1),
  );
  const share = (cell: number, pixel: number): number => {
    const covered = Math.min(pixel + 1, border(cell + 1)) - Math.max(pixel, border(cell));
    return (Math.max(0, covered) * cells) / length;
  };
  return { first, last, share };
}
