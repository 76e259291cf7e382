/**
 * Number formats that a backend may keep activations in, and multiply in; sums are made in f32 by all. `auto` lets the backend choose.
 */
export type Precision = 'auto' | 'bf16' | 'f16' | 'f32';

/** What the caller may ask of a backend; a backend ignores what it has no use for. */
export interface ActivateOptions {
  /** Threads to compute with, at least 1; default: all the process may use. */
  threads?: number;
  precision?: Precision;
}

/** How a backend that runs computes. */
export interface Activated {
  /** Number format of its convolutions and matrix products. */
  precision: Exclude<Precision, 'auto'>;
  /** Threads of the processor that it computes on; null where that is not ours to know (a GPU, a library's own pool). */
  threads: number | null;
}

/** What a look at this machine found out about one backend. */
export interface Probe {
  usable: boolean;
  /** Version of the library behind the backend, when it was found. */
  version?: string;
  /** One sentence without a full stop: why it is usable, or why not and what to do about it. */
  reason: string;
  /** Most memory its tensors can take together, in bytes, when the backend itself sets a limit. */
  maxHeapBytes?: number;
  /** Further facts for a report, such as CPU features or the library's file. */
  details?: Record<string, string>;
}

/**
 * One way to run tensors: a tfjs backend that may or may not be usable on this machine.
 */
export interface BackendProvider {
  /** The name users ask for. */
  readonly name: string;

  /** Number formats that it can be asked for; what of them this machine has shows on activation. */
  readonly precisions: readonly Exclude<Precision, 'auto'>[];

  /** Looks whether the backend can run here. Never throws: a broken installation is an unusable backend with its reason. */
  probe(): Promise<Probe>;

  /**
   * Makes the backend tfjs's current one, its own kernels registered and ready to run. Called once, after a probe that
   * found it usable; portable kernels are registered by the caller afterwards.
   */
  activate(options: ActivateOptions): Promise<Activated>;
}
