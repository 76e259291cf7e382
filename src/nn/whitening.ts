/**
 * Filters that whiten the 2×2 patches of images (Jordan 2024, after Page 2018): with C = XᵀX/N over all patches x, not
 * centred, and its eigenvectors v and values λ, filter k is v_k/√(λ_k + ε), and filter n + k its negation.
 */

const SIDE = 2;

/** ε: keeps directions that hardly occur from being blown up. */
export const WHITENING_EPSILON = 5e-4;

/**
 * @param images count × height × width × channels, normalised
 * @returns filters [2, 2, channels, 8·channels], row-major, by falling eigenvalue
 */
export function whiteningFilters(
  images: Float32Array,
  [height, width, channels]: readonly [number, number, number],
): Float32Array {
  const size = SIDE * SIDE * channels;
  const { values, vectors } = symmetricEigen(patchCovariance(images, height, width, channels), size);
  const order = Array.from(values.keys()).sort((a, b) => values[b] - values[a]);
  const filters = new Float32Array(size * 2 * size);
  order.forEach((k, place) => {
    const scale = 1 / Math.sqrt(values[k] + WHITENING_EPSILON);
    for (let i = 0; i < size; i++) {
      const weight = vectors[i * size + k] * scale;
      filters[i * 2 * size + place] = weight;
      filters[i * 2 * size + size + place] = -weight;
    }
  });
  return filters;
}

/** XᵀX/N, row-major; a patch's elements are in the order row, column, channel. */
function patchCovariance(
  images: Float32Array,
  height: number,
  width: number,
  channels: number,
): Float64Array {
  const size = SIDE * SIDE * channels;
  const count = images.length / (height * width * channels);
  const covariance = new Float64Array(size * size);
  const patch = new Float64Array(size);
  for (let image = 0; image < count; image++) {
    for (let row = 0; row + SIDE <= height; row++) {
      for (let column = 0; column + SIDE <= width; column++) {
        for (let i = 0; i < size; i++) {
          const tap = Math.floor(i / channels);
          const y = row + Math.floor(tap / SIDE);
          const x = column + (tap % SIDE);
          patch[i] = images[((image * height + y) * width + x) * channels + (i % channels)];
        }
        for (let i = 0; i < size; i++) {
          for (let j = i; j < size; j++) covariance[i * size + j] += patch[i] * patch[j];
        }
      }
    }
  }
  const patches = count * (height - SIDE + 1) * (width - SIDE + 1);
  for (let i = 0; i < size; i++) {
    for (let j = i; j < size; j++) {
      covariance[i * size + j] /= patches;
      covariance[j * size + i] = covariance[i * size + j];
    }
  }
  return covariance;
}

/** Sweeps over all pairs after which a matrix of this size is diagonal to the last digit. */
const MAX_SWEEPS = 50;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix by Jacobi's rotations.
 * @param matrix size × size, row-major; left as it is
 * @returns `vectors[i * size + k]` is element i of the unit vector of value k
 */
export function symmetricEigen(
  matrix: Float64Array,
  size: number,
): { values: Float64Array; vectors: Float64Array } {
  const a = Float64Array.from(matrix);
  const vectors = new Float64Array(size * size);
  for (let i = 0; i < size; i++) vectors[i * size + i] = 1;
  const total = a.reduce((sum, value) => sum + value * value, 0);
  for (let sweep = 0; sweep < MAX_SWEEPS && offDiagonal(a, size) > 1e-30 * total; sweep++) {
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) rotate(a, vectors, size, p, q);
    }
  }
  return { values: Float64Array.from({ length: size }, (_, i) => a[i * size + i]), vectors };
}

function offDiagonal(a: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) if (i !== j) sum += a[i * size + j] ** 2;
  }
  return sum;
}

/** One rotation in the plane (p, q) that makes element (p, q) zero. */
function rotate(a: Float64Array, vectors: Float64Array, size: number, p: number, q: number): void {
  const apq = a[p * size + q];
  if (apq === 0) return;
  const theta = (a[q * size + q] - a[p * size + p]) / (2 * apq);
  const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  const turn = (m: Float64Array, first: number, second: number): void => {
    const [x, y] = [m[first], m[second]];
    m[first] = c * x - s * y;
    m[second] = s * x + c * y;
  };
  for (let k = 0; k < size; k++) turn(a, k * size + p, k * size + q);
  for (let k = 0; k < size; k++) turn(a, p * size + k, q * size + k);
  for (let k = 0; k < size; k++) turn(vectors, k * size + p, k * size + q);
}
