import type { Figure } from '../lib/results.js';
import type { Exclusion } from './exclusions.js';
import type { TestEnvironment } from './jasmine.js';

/** A backend that tfjs-core's suite is run against, registered and ready to be made anew for each suite. */
export interface Candidate {
  environments: readonly TestEnvironment[];
  exclusions: readonly Exclusion[];
  /** What its results are of. */
  figures: { [name: string]: Figure };
  /** The file of its results, without its ending. */
  results: string;
}
