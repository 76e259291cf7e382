import type { Primitive } from '../ffi/primitive.js';

/** What the cache may hold at most. */
export interface CacheLimits {
  readonly entries: number;
  readonly bytes: number;
}

export interface CacheStatistics {
  readonly entries: number;
  /** Estimated memory of the entries: see `Primitive.bytes`. */
  readonly bytes: number;
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
}

const defaultLimits: CacheLimits = { entries: 1024, bytes: 2 ** 26 };

/** A kernel may have this many in hand at once, and conversions between them; they are never evicted. */
const inHand = 16;

/**
 * Compiled primitives by operation, shapes, layouts and types. Bounded by number and by bytes: the least recently used
 * are disposed of first. The last 16 used stay whatever the bounds.
 */
export class PrimitiveCache {
  readonly #entries = new Map<string, Primitive>();
  readonly #limits: CacheLimits;
  #bytes = 0;
  #hits = 0;
  #misses = 0;
  #evictions = 0;

  constructor(limits: Partial<CacheLimits> = {}) {
    this.#limits = { ...defaultLimits, ...limits };
  }

  /** The primitive of that key; `build` is called when there is none. It stays the cache's: use it now, do not keep it. */
  get(key: string, build: () => Primitive): Primitive {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#hits++;
      // A Map keeps insertion order: the first key is the least recently used.
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known;
    }
    this.#misses++;
    const primitive = build();
    this.#entries.set(key, primitive);
    this.#bytes += primitive.bytes;
    this.#evict();
    return primitive;
  }

  statistics(): CacheStatistics {
    return {
      entries: this.#entries.size,
      bytes: this.#bytes,
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
    };
  }

  dispose(): void {
    for (const primitive of this.#entries.values()) primitive.dispose();
    this.#entries.clear();
    this.#bytes = 0;
  }

  #evict(): void {
    for (const [key, primitive] of this.#entries) {
      const isWithin = this.#entries.size <= this.#limits.entries && this.#bytes <= this.#limits.bytes;
      if (isWithin || this.#entries.size <= inHand) return;
      this.#entries.delete(key);
      this.#bytes -= primitive.bytes;
      this.#evictions++;
      primitive.dispose();
    }
  }
}
