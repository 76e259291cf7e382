/** What a backend has done since its start or the last `reset`. Times in milliseconds. */
export interface ProcessorReport {
  readonly on: 'processor';
  readonly kernels: readonly KernelTime[];
  readonly reorders: { readonly count: number; readonly bytes: number; readonly ms: number };
  readonly allocatedBytes: number;
  /** Times each kernel without a native implementation had to read tensors back, by name. */
  readonly fallbacksHit: Readonly<Record<string, number>>;
}

export interface KernelTime {
  readonly name: string;
  readonly calls: number;
  readonly ms: number;
}

/** Counters of a backend. Kernel times are taken only while profiling is on: kernels run to their end when called. */
export class Statistics {
  isProfiling = false;
  readonly #kernels = new Map<string, { calls: number; ms: number }>();
  readonly #fallbacks = new Map<string, number>();
  #reorders = { count: 0, bytes: 0, ms: 0 };
  #allocatedBytes = 0;

  /** Runs a kernel, timed when profiling. */
  time<T>(name: string, run: () => T): T {
    if (!this.isProfiling) return run();
    const start = performance.now();
    try {
      return run();
    } finally {
      const entry = this.#kernels.get(name) ?? { calls: 0, ms: 0 };
      this.#kernels.set(name, { calls: entry.calls + 1, ms: entry.ms + performance.now() - start });
    }
  }

  countReorder(bytes: number, ms: number): void {
    this.#reorders.count++;
    this.#reorders.bytes += bytes;
    this.#reorders.ms += ms;
  }

  countAllocation(bytes: number): void {
    this.#allocatedBytes += bytes;
  }

  countFallback(kernelName: string): void {
    this.#fallbacks.set(kernelName, (this.#fallbacks.get(kernelName) ?? 0) + 1);
  }

  report(): ProcessorReport {
    return {
      on: 'processor',
      kernels: [...this.#kernels]
        .map(([name, { calls, ms }]) => ({ name, calls, ms }))
        .sort((a, b) => b.ms - a.ms),
      reorders: { ...this.#reorders },
      allocatedBytes: this.#allocatedBytes,
      fallbacksHit: Object.fromEntries(this.#fallbacks),
    };
  }

  reset(): void {
    this.#kernels.clear();
    this.#fallbacks.clear();
    this.#reorders = { count: 0, bytes: 0, ms: 0 };
    this.#allocatedBytes = 0;
  }
}
