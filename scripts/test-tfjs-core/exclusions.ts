/** Specs of tfjs-core that a backend is known to fail, and why. */
export interface Exclusion {
  readonly reason: string;
  /** The environment in which they fail; all by default. */
  readonly environment?: string;
  /** Full names without the environment's. */
  readonly specs: readonly string[];
}
