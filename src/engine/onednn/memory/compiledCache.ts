/** What holds native memory until it is disposed of. */
export interface Kept {
  /** Memory that it keeps while it exists, estimated. */
  readonly bytes: number;
  dispose(): void;
}

/** What the cache may hold at most. */
export interface CacheLimits {
  readonly entries: number;
  readonly bytes: number;
}

export interface CacheStatistics {
  readonly entries: number;
  /** Estimated memory of the entries. */
  readonly bytes: number;
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
}

const defaultLimits: CacheLimits = { entries: 1024, bytes: 2 ** 26 };

/** A kernel may have this many in hand at once, and conversions between them; they are never evicted. */
const inHand = 16;

/**
 * Compiled primitives, or machine code, by operation, shapes, layouts and types. Bounded by number and by bytes: the least recently used
 * are disposed of first. The last 16 used stay whatever the bounds.
 */
export class CompiledCache<T extends Kept> {
  readonly #entries = new Map<string, T>();
  readonly #limits: CacheLimits;
  #bytes = 0;
  #hits = 0;
  #misses = 0;
  #evictions = 0;

  constructor(limits: Partial<CacheLimits> = {}) {
    this.#limits = { ...defaultLimits, ...limits };
  }

  /** The one of that key; `build` is called when there is none. It stays the cache's: use it now, do not keep it. */
  get(key: string, build: () => T): T {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#hits++;
      // A Map keeps insertion order: the first key is the least recently used.
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known;
    }
    this.#misses++;
    const made = build();
    this.#entries.set(key, made);
    this.#bytes += made.bytes;
    this.#evict();
    return made;
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
    for (const one of this.#entries.values()) one.dispose();
    this.#entries.clear();
    this.#bytes = 0;
  }

  #evict(): void {
    for (const [key, one] of this.#entries) {
      const isWithin = this.#entries.size <= this.#limits.entries && this.#bytes <= this.#limits.bytes;
      if (isWithin || this.#entries.size <= inHand) return;
      this.#entries.delete(key);
      this.#bytes -= one.bytes;
      this.#evictions++;
      one.dispose();
    }
  }
}
