import type { OneDnnBackend } from '../../backend.js';
import { type Activation, chain, withVector } from '../../elementwise/chain.js';
import type { MemoryDesc } from '../../ffi/memoryDesc.js';

/**
 * Writes Σ signs[i] · vectors[i], f32, in one pass.
 * @param signs 1, −1, or 0 for those that are left out; one of them is 1 and one more is not 0
 */
export function signedSum(
  backend: OneDnnBackend,
  vector: MemoryDesc,
  signs: readonly number[],
  vectors: readonly bigint[],
  dst: bigint,
  activation?: Activation,
): void {
  const first = signs.indexOf(1);
  const [second, ...others] = signs
    .map((sign, i) => ({ sign, i }))
    .filter(({ sign, i }) => sign !== 0 && i !== first)
    .map(({ sign, i }) => withVector(sign > 0 ? 'add' : 'sub', vectors[i]));
  chain(backend, vector, vectors[first], [second, ...others], dst, activation);
}
