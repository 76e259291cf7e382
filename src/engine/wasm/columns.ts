/**
 * Sums over the rows of a matrix, column by column, in double precision: a layer's output has half a million rows, over
 * which a sum in single precision loses half its digits.
 */

/** Σ x by column. */
export function columnSums(x: Float32Array, columns: number): Float64Array {
  const sums = new Float64Array(columns);
  for (let i = 0; i < x.length; i += columns) {
    for (let c = 0; c < columns; c++) sums[c] += x[i + c];
  }
  return sums;
}

/** Σ (x − centre)² by column. */
export function squaredDeviations(x: Float32Array, centre: Float64Array): Float64Array {
  const columns = centre.length;
  const sums = new Float64Array(columns);
  for (let i = 0; i < x.length; i += columns) {
    for (let c = 0; c < columns; c++) {
      const deviation = x[i + c] - centre[c];
      sums[c] += deviation * deviation;
    }
  }
  return sums;
}

/** Σ a·(b − centre) by column. */
export function columnProducts(a: Float32Array, b: Float32Array, centre: Float32Array): Float64Array {
  const columns = centre.length;
  const sums = new Float64Array(columns);
  for (let i = 0; i < a.length; i += columns) {
    for (let c = 0; c < columns; c++) sums[c] += a[i + c] * (b[i + c] - centre[c]);
  }
  return sums;
}
