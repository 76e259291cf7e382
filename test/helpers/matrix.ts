/** Dense matrices in row-major double precision, as plain loops. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

export function transpose({ rows, columns, values }: Matrix): Matrix {
  const turned = new Float64Array(values.length);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) turned[j * rows + i] = values[i * columns + j];
  return { rows: columns, columns: rows, values: turned };
}

export function product(a: Matrix, b: Matrix): Matrix {
  const values = new Float64Array(a.rows * b.columns);
  for (let i = 0; i < a.rows; i++)
    for (let k = 0; k < a.columns; k++) {
      const factor = a.values[i * a.columns + k];
      for (let j = 0; j < b.columns; j++) values[i * b.columns + j] += factor * b.values[k * b.columns + j];
    }
  return { rows: a.rows, columns: b.columns, values };
}

/** Smallest and largest singular value: roots of the eigenvalues of the smaller Gram matrix, by Jacobi's rotations. */
export function extremeSingularValues(m: Matrix): [smallest: number, largest: number] {
  const wide = m.rows <= m.columns ? m : transpose(m);
  const { rows: n, values: g } = product(wide, transpose(wide));
  for (let sweep = 0; sweep < 12; sweep++) {
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(g, n, p, q);
  }
  const eigenvalues = Array.from({ length: n }, (_, i) => g[i * n + i]);
  return [Math.sqrt(Math.max(0, Math.min(...eigenvalues))), Math.sqrt(Math.max(...eigenvalues))];
}

/** The rotation of axes p and q that makes a symmetric matrix zero there. */
function rotate(g: Float64Array, n: number, p: number, q: number): void {
  const off = g[p * n + q];
  if (Math.abs(off) < 1e-14) return;
  const theta = (g[q * n + q] - g[p * n + p]) / (2 * off);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const c = 1 / Math.hypot(t, 1);
  const s = t * c;
  for (let k = 0; k < n; k++) {
    const [a, b] = [g[k * n + p], g[k * n + q]];
    g[k * n + p] = c * a - s * b;
    g[k * n + q] = s * a + c * b;
  }
  for (let k = 0; k < n; k++) {
    const [a, b] = [g[p * n + k], g[q * n + k]];
    g[p * n + k] = c * a - s * b;
    g[q * n + k] = s * a + c * b;
  }
}

/** What `orthogonalize` of the training operations computes, as its documentation says. */
export function newtonSchulz(m: Matrix, steps: number, [a, b, c]: readonly [number, number, number]): Matrix {
  if (m.rows > m.columns) return transpose(newtonSchulz(transpose(m), steps, [a, b, c]));
  const norm = Math.sqrt(m.values.reduce((sum, value) => sum + value * value, 0)) + 1e-7;
  let x: Matrix = { ...m, values: m.values.map((value) => value / norm) };
  for (let step = 0; step < steps; step++) {
    const gram = product(x, transpose(x));
    const square = product(gram, gram);
    const polynomial = { ...gram, values: gram.values.map((value, i) => b * value + c * square.values[i]) };
    const change = product(polynomial, x);
    x = { ...x, values: x.values.map((value, i) => a * value + change.values[i]) };
  }
  return x;
}
