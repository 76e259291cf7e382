import type { Primitive } from './ffi/primitive.js';

export interface CacheStatistics {
  readonly entries: number;
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
}

/**
 * Compiled primitives by operation, shapes, layouts and types. Bounded: the least recently used go first.
 * A primitive's generated code is 20 to 100 kB, so the default bound is some 50 MB.
 */
export class PrimitiveCache {
  readonly #entries = new Map<string, Primitive>();
  readonly #limit: number;
  #hits = 0;
  #misses = 0;
  #evictions = 0;

  constructor(limit = 1024) {
    this.#limit = limit;
  }

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
    if (this.#entries.size >= this.#limit) this.#evictOldest();
    this.#entries.set(key, primitive);
    return primitive;
  }

  statistics(): CacheStatistics {
    const { size } = this.#entries;
    return { entries: size, hits: this.#hits, misses: this.#misses, evictions: this.#evictions };
  }

  dispose(): void {
    for (const primitive of this.#entries.values()) primitive.dispose();
    this.#entries.clear();
  }

  #evictOldest(): void {
    for (const [key, primitive] of this.#entries) {
      this.#entries.delete(key);
      this.#evictions++;
      primitive.dispose();
      return;
    }
  }
}
