/** Subsets of one size that are tried. */
const MAX_SUBSETS = 300;

/** Members whose sums are kept from one subset to the next that begins alike; more would only take memory. */
const MOST_KEPT = 32;

/** Rows that are summed at once, so that what is added lies in the processor's cache. */
const BLOCK_ROWS = 250;

/**
 * Mean accuracy of the ensembles of 1, 2, … members: all of a size, or as many as are tried.
 * @param terms a member's share in the sum that is averaged: its probabilities, or their logarithms, times its weight;
 *   count × classes, row-major
 * @param weights of the members; a subset whose weights are all 0 does not count
 * @param labels one class index a row
 */
export function accuracyBySize(
  terms: readonly Float64Array[],
  weights: readonly number[],
  labels: Uint8Array,
): number[] {
  const classes = terms[0].length / labels.length;
  return terms.map((_, index) => {
    const chosen = subsets(terms.length, index + 1).filter((subset) => subset.some((m) => weights[m] > 0));
    const correct = new Float64Array(chosen.length);
    for (let row = 0; row < labels.length; row += BLOCK_ROWS) {
      const end = Math.min(row + BLOCK_ROWS, labels.length);
      const block = terms.map((term) => term.subarray(row * classes, end * classes));
      countCorrect(chosen, block, labels.subarray(row, end), correct);
    }
    return correct.reduce((sum, count) => sum + count / labels.length, 0) / chosen.length;
  });
}

/**
 * Adds to each subset's count the rows that its sum answers rightly. Subsets come in lexicographic order, so that neighbours
 * begin alike: sums over what they share are kept, and the last member is added while the rows are judged.
 */
function countCorrect(
  chosen: readonly (readonly number[])[],
  terms: readonly Float64Array[],
  labels: Uint8Array,
  correct: Float64Array,
): void {
  const { length } = terms[0];
  const none = new Float64Array(length);
  const sums: Float64Array[] = [];
  const summed: number[] = [];
  /** The sum over the first so many members of a subset. */
  const sumOf = (subset: readonly number[], size: number): Float64Array => {
    if (size === 0) return none;
    const level = Math.min(size, MOST_KEPT) - 1;
    let isKept = size <= MOST_KEPT;
    for (let i = 0; i < size && isKept; i++) isKept = subset[i] === summed[i];
    if (isKept) return sums[level];
    const before = sumOf(subset, size - 1);
    const term = terms[subset[size - 1]];
    const sum = (sums[level] ??= new Float64Array(length));
    for (let i = 0; i < length; i++) sum[i] = before[i] + term[i];
    summed.splice(level, Infinity, subset[size - 1]);
    return sum;
  };
  chosen.forEach((subset, s) => {
    const before = sumOf(subset, subset.length - 1);
    correct[s] += correctOfSum(before, terms[subset[subset.length - 1]], labels);
  });
}

/** Rows of a + b whose largest value (the first of equals) is at the label. */
function correctOfSum(a: Float64Array, b: Float64Array, labels: Uint8Array): number {
  const classes = a.length / labels.length;
  let correct = 0;
  for (let row = 0; row < labels.length; row++) {
    const start = row * classes;
    const own = start + labels[row];
    const value = a[own] + b[own];
    let isLargest = true;
    for (let i = start; i < start + classes && isLargest; i++) {
      const other = a[i] + b[i];
      if (other > value || (other === value && i < own)) isLargest = false;
    }
    if (isLargest) correct++;
  }
  return correct;
}

/** The subsets of `size` out of 0…n−1 in lexicographic order, at most MAX_SUBSETS, evenly spread over all. */
export function subsets(n: number, size: number): number[][] {
  const total = binomial(n, size);
  const wanted = Math.min(total, MAX_SUBSETS);
  return Array.from({ length: wanted }, (_, i) => subsetAt(n, size, Math.floor((i * total) / wanted)));
}

function binomial(n: number, k: number): number {
  let result = 1;
  for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i;
  return Math.round(result);
}

/** The subset with a given rank in lexicographic order. */
function subsetAt(n: number, size: number, rank: number): number[] {
  const subset: number[] = [];
  for (let candidate = 0, left = rank; subset.length < size; candidate++) {
    const withIt = binomial(n - candidate - 1, size - subset.length - 1);
    if (left < withIt) subset.push(candidate);
    else left -= withIt;
  }
  return subset;
}
