import type { AugmentParameters } from './parameters.js';

/** Whether the warp of these parameters leaves every pixel where it is. */
export function isIdentityWarp(p: AugmentParameters): boolean {
  return (
    p.rotation === 0 && p.shiftRows === 0 && p.shiftColumns === 0 && p.zoomRows === 1 && p.zoomColumns === 1
  );
}

/**
 * The map from output to input pixels, rotation · shift · zoom about the centre: `row = m0·i + m1·j + m2`,
 * `column = m3·i + m4·j + m5`. In keras-preprocessing 1.0 the first axis of each matrix is the height, and the
 * centre is (h/2 + ½, w/2 + ½), one pixel beyond the true (h−1)/2: its results are only met with the same.
 * @param out six numbers, filled
 */
export function affineMatrix(p: AugmentParameters, height: number, width: number, out: Float64Array): void {
  const cos = Math.cos(p.rotation);
  const sin = Math.sin(p.rotation);
  const centreRow = height / 2 + 0.5;
  const centreColumn = width / 2 + 0.5;
  const m0 = cos * p.zoomRows;
  const m1 = -sin * p.zoomColumns;
  const m3 = sin * p.zoomRows;
  const m4 = cos * p.zoomColumns;
  out[0] = m0;
  out[1] = m1;
  out[2] = cos * p.shiftRows - sin * p.shiftColumns + centreRow - m0 * centreRow - m1 * centreColumn;
  out[3] = m3;
  out[4] = m4;
  out[5] = sin * p.shiftRows + cos * p.shiftColumns + centreColumn - m3 * centreRow - m4 * centreColumn;
}
