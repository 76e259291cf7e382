import type { Exclusion } from './exclusions.js';

/** One run of one spec. */
export interface Outcome {
  /** The spec's name without its environment's. */
  readonly name: string;
  /** Null for specs that tfjs runs once, on no backend in particular. */
  readonly environment: string | null;
  readonly status: 'passed' | 'failed' | 'pending';
  readonly message: string;
}

export interface Verdict {
  readonly passed: number;
  /** Skipped by tfjs itself. */
  readonly pending: number;
  readonly failed: readonly Outcome[];
  /** Failures that are listed, by reason. */
  readonly excluded: Readonly<Record<string, number>>;
  /** Listed, and passed. */
  readonly needless: readonly Outcome[];
  /** Listed, and not there. */
  readonly unknown: readonly string[];
}

/** What a run amounts to. Excluded specs are run like all others, so that a needless exclusion is noticed. */
export function judge(outcomes: readonly Outcome[], exclusions: readonly Exclusion[]): Verdict {
  const met = new Set<string>();
  const failed: Outcome[] = [];
  const needless: Outcome[] = [];
  const excluded: Record<string, number> = {};
  let passed = 0;
  let pending = 0;
  for (const outcome of outcomes) {
    const exclusion = exclusions.find(
      ({ specs, environment }) =>
        specs.includes(outcome.name) && (environment === undefined || environment === outcome.environment),
    );
    if (exclusion !== undefined) met.add(outcome.name);
    if (outcome.status === 'pending') pending++;
    else if (outcome.status === 'passed') {
      passed++;
      if (exclusion !== undefined) needless.push(outcome);
    } else if (exclusion === undefined) failed.push(outcome);
    else excluded[exclusion.reason] = (excluded[exclusion.reason] ?? 0) + 1;
  }
  const unknown = exclusions.flatMap(({ specs }) => specs.filter((name) => !met.has(name)));
  return { passed, pending, failed, excluded, needless, unknown };
}
