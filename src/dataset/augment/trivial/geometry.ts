/**
 * Moves an image of three channels (HWC), taking for each pixel the nearest one: pixel (x, y) of the result, measured from the middle, is the
 * source's (a·x + b·y + c, d·x + e·y + f), black outside.
 */
export function moveNearest(
  source: Uint8Array,
  target: Uint8Array,
  height: number,
  width: number,
  [a, b, c, d, e, f]: readonly number[],
): void {
  let out = 0;
  for (let row = 0; row < height; row++) {
    const y = row + 0.5 - height / 2;
    for (let column = 0; column < width; column++, out += 3) {
      const x = column + 0.5 - width / 2;
      const fromColumn = roundEven(a * x + b * y + c + width / 2 - 0.5);
      const fromRow = roundEven(d * x + e * y + f + height / 2 - 0.5);
      const isInside = fromColumn >= 0 && fromColumn < width && fromRow >= 0 && fromRow < height;
      const from = (fromRow * width + fromColumn) * 3;
      for (let channel = 0; channel < 3; channel++)
        target[out + channel] = isInside ? source[from + channel] : 0;
    }
  }
}

/** To the nearest whole number, halves to the even one. */
function roundEven(value: number): number {
  const whole = Math.round(value);
  return whole - value === 0.5 && whole % 2 !== 0 ? whole - 1 : whole;
}

/** The map of a shear along the rows (`isAlongRows`) or the columns about the image's first pixel corner, by a slope. */
export function shearMap(slope: number, isAlongRows: boolean, height: number, width: number): number[] {
  // About the corner, not the middle, from which moveNearest measures.
  return isAlongRows ? [1, slope, (slope * height) / 2, 0, 1, 0] : [1, 0, 0, slope, 1, (slope * width) / 2];
}

/** The map of a shift of the content to the right and down, by whole pixels. */
export function shiftMap(right: number, down: number): number[] {
  return [1, 0, -right, 0, 1, -down];
}

/** The map of a rotation of the content about the middle, counter-clockwise, by degrees. */
export function rotationMap(degrees: number): number[] {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [cos, -sin, 0, sin, cos, 0];
}
