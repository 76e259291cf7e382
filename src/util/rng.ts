/**
 * Seeded random numbers. A stream is named by integers — (seed, stream, epoch, index, …) — so that any draw can be
 * repeated without replaying the draws before it, on any thread and in any order.
 */

/** Names the purposes that draw from one seed, so that no two of them share a stream. */
export const STREAM = {
  initialWeights: 1,
  shuffle: 2,
  augment: 3,
  dropout: 4,
  validationSplit: 5,
  testTimeAugment: 6,
  mix: 7,
  samples: 8,
  alternatingFlip: 9,
  bootstrap: 10,
} as const;

/** Mixes one 32-bit word into a hash (MurmurHash3's body and finaliser). */
function mix(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  let h = hash ^ Math.imul(k, 0x1b873593);
  h = (h << 13) | (h >>> 19);
  h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}

/** A 32-bit hash of integers, each taken modulo 2^32 (with its upper half mixed in when it has one). */
export function hash32(...words: number[]): number {
  let h = 0x9747b28c | 0;
  for (const word of words) {
    h = mix(h, word | 0);
    const upper = Math.floor(word / 4294967296) | 0;
    if (upper !== 0 && upper !== -1) h = mix(h, upper);
  }
  return h >>> 0;
}

/** A small fast generator (sfc32, Chris Doty-Humphrey's PractRand) seeded by a hash of its name. */
export class Rng {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(...name: number[]) {
    this.a = hash32(0x61, ...name) | 0;
    this.b = hash32(0x62, ...name) | 0;
    this.c = hash32(0x63, ...name) | 0;
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** Uniform integer in [0, 2^32). */
  uint32(): number {
    const t = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (this.c << 21) | (this.c >>> 11);
    this.c = (this.c + t) | 0;
    return t >>> 0;
  }

  /** Uniform in [0, 1) with 53 random bits. */
  next(): number {
    return ((this.uint32() >>> 5) * 67108864 + (this.uint32() >>> 6)) / 9007199254740992;
  }

  /** Uniform in [low, high). */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** Uniform integer in [0, n). */
  int(n: number): number {
    return Math.floor(this.next() * n);
  }

  /** Standard normal (Box–Muller, one of the pair). */
  normal(): number {
    const u = 1 - this.next();
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * this.next());
  }
}

/** A uniformly random permutation of 0…n−1 (Fisher–Yates). */
export function permutation(n: number, rng: Rng): Uint32Array {
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  for (let i = n - 1; i > 0; i--) {
    const j = rng.int(i + 1);
    const t = order[i];
    order[i] = order[j];
    order[j] = t;
  }
  return order;
}
