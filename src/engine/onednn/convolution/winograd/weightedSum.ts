import type { OneDnnBackend } from '../../backend.js';
import { chain, type Link, withScalar, withVector } from '../../elementwise/chain.js';
import type { BinaryKind } from '../../ffi/enums.js';
import type { MemoryDesc } from '../../ffi/memoryDesc.js';

/** A step of a sum: another vector added or subtracted, or all so far times a factor. */
type Step = { readonly operation: BinaryKind; readonly vector: number } | { readonly factor: number };

/** How Σ weights[i] · vectors[i] is computed: from the largest weight to the smallest, as Horner does. */
export interface WeightedSum {
  /** The vector that it begins with. */
  readonly first: number;
  readonly steps: readonly Step[];
}

export function weightedSumOf(weights: readonly number[]): WeightedSum {
  const terms = weights
    .map((weight, vector) => ({ size: Math.abs(weight), sign: Math.sign(weight), vector }))
    .filter(({ size }) => size !== 0)
    .toSorted((a, b) => b.size - a.size || b.sign - a.sign);
  const scaled = (factor: number): Step[] => (factor === 1 ? [] : [{ factor }]);
  const [{ vector: first, ...last }, ...others] = terms;
  const steps = others.flatMap(({ size, sign, vector }): Step[] => {
    const change = size === last.size ? [] : scaled((last.sign * last.size) / size);
    if (change.length > 0) last.sign = 1;
    last.size = size;
    return [...change, { operation: sign === last.sign ? 'add' : 'sub', vector }];
  });
  return { first, steps: [...steps, ...scaled(last.sign * last.size)] };
}

/** Writes the sum of vectors of f32, in one pass. Returns where it is: at `dst`, or where it was if it is one of the vectors. */
export function addUp(
  backend: OneDnnBackend,
  vector: MemoryDesc,
  { first, steps }: WeightedSum,
  vectors: readonly bigint[],
  dst: bigint,
): bigint {
  const links = steps.map((step): Link =>
    'factor' in step
      ? withScalar('mul', backend.scalar(step.factor))
      : withVector(step.operation, vectors[step.vector]),
  );
  const [link, ...rest] = links;
  if (links.length === 0) return vectors[first];
  chain(backend, vector, vectors[first], [link, ...rest], dst);
  return dst;
}

/** Of `count` vectors one after another. */
export const addresses = (start: bigint, count: number, bytes: number): bigint[] =>
  Array.from({ length: count }, (_, i) => start + BigInt(i * bytes));
