import type { ImageSet } from '../dataset/imageSet.js';
import { type EnsembleResult, ensemble, readMember } from './ensemble.js';
import { type EnsemblePlan, type Member, type MemberReporter, trainEnsemble } from './ensembleTrain.js';
import type { TrainOptions } from './train.js';

/** One training of a benchmark. */
export interface BenchmarkRun {
  seed: number;
  /** Accuracy of the last epoch's model on the test set, 0 to 1: one plain pass, and with the plan's averaging. */
  accuracy: number;
  ttaAccuracy: number;
  /** Training alone: validation and saving left out. */
  trainingSeconds: number;
  imagesPerSecond: number;
  /** 3 × forward an image, in 10¹⁵ floating-point operations. */
  petaflop: number;
}

/** A mean over seeds and the deviation between them (of a sample: n − 1). */
export interface Spread {
  mean: number;
  deviation: number;
}

export interface BenchmarkResult {
  runs: BenchmarkRun[];
  accuracy: Spread;
  ttaAccuracy: Spread;
  /** Medians over the runs. */
  trainingSeconds: number;
  imagesPerSecond: number;
  petaflop: number;
  /** All the runs' averaged predictions, averaged. */
  ensemble: Pick<EnsembleResult, 'accuracy' | 'accuracyBySize'> & { trainingSeconds: number };
  backend: string;
  hardware: Member['record']['hardware'];
  versions: Member['record']['versions'];
}

/** Trains one configuration under several seeds and sums up what came out; runs that are there already are taken as they are. */
export async function benchmark(
  plan: EnsemblePlan,
  test: ImageSet,
  options: TrainOptions & { members: MemberReporter },
): Promise<BenchmarkResult> {
  const members = await trainEnsemble(plan, test, options);
  const runs = members.map(runOf);
  const { accuracy, accuracyBySize } = ensemble(
    members.map(({ path }) => readMember(path, test.count)),
    test.labels,
    { mean: 'arithmetic' },
  );
  const seconds = runs.map(({ trainingSeconds }) => trainingSeconds);
  const { backend, hardware, versions } = members[0].record;
  return {
    runs,
    accuracy: spread(runs.map((run) => run.accuracy)),
    ttaAccuracy: spread(runs.map((run) => run.ttaAccuracy)),
    trainingSeconds: median(seconds),
    imagesPerSecond: median(runs.map(({ imagesPerSecond }) => imagesPerSecond)),
    petaflop: median(runs.map(({ petaflop }) => petaflop)),
    ensemble: { accuracy, accuracyBySize, trainingSeconds: seconds.reduce((sum, one) => sum + one, 0) },
    backend: backend.name,
    hardware,
    versions,
  };
}

function runOf({ record, plainAccuracy, accuracy }: Member): BenchmarkRun {
  const { config, trainingSeconds, petaflop, forwardGigaflop } = record;
  return {
    seed: config.seed,
    accuracy: plainAccuracy,
    ttaAccuracy: accuracy,
    trainingSeconds,
    imagesPerSecond: (petaflop * 1e6) / (3 * forwardGigaflop) / trainingSeconds,
    petaflop,
  };
}

/** @param values at least one; the deviation of one is 0 */
export function spread(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0 };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
