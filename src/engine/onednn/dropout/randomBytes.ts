import { createCipheriv } from 'node:crypto';

// Small enough that the allocator keeps the memory of one piece for the next.
const chunkBytes = 2 ** 16;
const zeros = new Uint8Array(chunkBytes);

/**
 * Random bytes as a pure function of (seed, counter): the ChaCha20 key stream under a key made of the seed and a
 * nonce made of the counter. `take` receives consecutive pieces, to be used before it returns.
 * @param size bytes in all
 * @param seed 32-bit integer
 * @param counter 32-bit integer
 */
export function randomBytes(
  size: number,
  seed: number,
  counter: number,
  take: (piece: Uint8Array, at: number) => void,
): void {
  const key = Buffer.alloc(32, 'cifar dropout mask');
  key.writeInt32LE(seed | 0, 0);
  const nonce = Buffer.alloc(16);
  nonce.writeInt32LE(counter | 0, 4);
  const cipher = createCipheriv('chacha20', key, nonce);
  for (let at = 0; at < size; at += chunkBytes) {
    take(cipher.update(zeros.subarray(0, Math.min(chunkBytes, size - at))), at);
  }
}
