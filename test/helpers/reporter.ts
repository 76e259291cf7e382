import type { TrainReporter } from '../../src/pipeline/reporter.js';

/** Hears everything and says nothing. */
export const SILENT: TrainReporter = {
  started: () => undefined,
  note: () => undefined,
  stepped: () => undefined,
  validating: () => undefined,
  epochEnded: () => undefined,
  ended: () => undefined,
};
