import type { OneDnnBackend } from '../../backend.js';
import { type Activation, chain, type Link, withScalar, withVector } from '../../elementwise/chain.js';
import type { MemoryDesc } from '../../ffi/memoryDesc.js';

/**
 * Writes Σ weights[i] · vectors[i], f32, in one pass: from the largest weight to the smallest, as Horner does.
 * @param weights not all 0, nor one of them alone 1 and the others 0
 */
export function weightedSum(
  backend: OneDnnBackend,
  vector: MemoryDesc,
  weights: readonly number[],
  vectors: readonly bigint[],
  dst: bigint,
  activation?: Activation,
): void {
  const terms = weights
    .map((weight, i) => ({ size: Math.abs(weight), sign: Math.sign(weight), vector: vectors[i] }))
    .filter(({ size }) => size !== 0)
    .toSorted((a, b) => b.size - a.size || b.sign - a.sign);
  const scaled = (factor: number): Link[] =>
    factor === 1 ? [] : [withScalar('mul', scalar(backend, factor))];
  const [{ vector: src, ...last }, ...others] = terms;
  const links = others.flatMap(({ size, sign, vector: operand }) => {
    const change = size === last.size ? [] : scaled((last.sign * last.size) / size);
    if (change.length > 0) last.sign = 1;
    last.size = size;
    return [...change, withVector(sign === last.sign ? 'add' : 'sub', operand)];
  });
  const [first, ...rest] = [...links, ...scaled(last.sign * last.size)];
  chain(backend, vector, src, [first, ...rest], dst, activation);
}

function scalar(backend: OneDnnBackend, value: number): bigint {
  return backend.input(backend.constant(value, 1), backend.descriptors.dense([1], 'f32'));
}

/** Of `count` vectors one after another. */
export const addresses = (start: bigint, count: number, bytes: number): bigint[] =>
  Array.from({ length: count }, (_, i) => start + BigInt(i * bytes));
