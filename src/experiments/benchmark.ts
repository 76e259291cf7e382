import type { ImageSet } from '../dataset/imageSet.js';
import { median } from '../util/statistics.js';
import { type EnsembleResult, averagePredictions } from '../ensembles/averaging.js';
import type { TrainedMember } from '../ensembles/trainEnsemble.js';
import type { RunStart } from '../runs/runRecord.js';
import { type Summary, summarize } from './significance.js';

/** One training of a benchmark. */
export interface BenchmarkRun {
  seed: number;
  /** Accuracy of the last epoch's model on the test set, 0 to 1: one plain pass, and with the plan's averaging. */
  accuracy: number;
  ttaAccuracy: number;
  /** Training alone: validation and saving left out. */
  trainingSeconds: number;
  /** Images that steps were made on: with --hard-share, the hard ones. */
  imagesPerSecond: number;
  /** How each start of it computed, and the cores that other programs kept busy meanwhile, where that was observed. */
  computed: Pick<RunStart, 'backend' | 'precision' | 'threads' | 'host' | 'commit'>[];
  othersCores: number | null;
  /** 3 × forward an image and what a proxy took, in 10¹⁵ floating-point operations. */
  petaflop: number;
}

export interface BenchmarkResult {
  runs: BenchmarkRun[];
  accuracy: Summary;
  ttaAccuracy: Summary;
  /** Medians over the runs. */
  trainingSeconds: number;
  imagesPerSecond: number;
  petaflop: number;
  /** All the runs' averaged predictions, averaged. */
  ensemble: Pick<EnsembleResult, 'accuracy' | 'accuracyBySize'> & { trainingSeconds: number };
  backend: string;
  hardware: TrainedMember['record']['hardware'];
  versions: TrainedMember['record']['versions'];
}

/** Sums up what came of one configuration under several seeds. */
export function benchmarkResult(members: readonly TrainedMember[], test: ImageSet): BenchmarkResult {
  const runs = members.map(runOf);
  const paths = members.map(({ path }) => path);
  const { accuracy, accuracyBySize } = averagePredictions(paths, test);
  const seconds = runs.map(({ trainingSeconds }) => trainingSeconds);
  const { backend, hardware, versions } = members[0].record;
  return {
    runs,
    accuracy: summarize(runs.map((run) => run.accuracy)),
    ttaAccuracy: summarize(runs.map((run) => run.ttaAccuracy)),
    trainingSeconds: median(seconds),
    imagesPerSecond: median(runs.map(({ imagesPerSecond }) => imagesPerSecond)),
    petaflop: median(runs.map(({ petaflop }) => petaflop)),
    ensemble: { accuracy, accuracyBySize, trainingSeconds: seconds.reduce((sum, one) => sum + one, 0) },
    backend: backend.name,
    hardware,
    versions,
  };
}

function runOf({ record, plainAccuracy, accuracy }: TrainedMember): BenchmarkRun {
  const { config, trainingSeconds, petaflop, imagesTrained, starts, othersCores = null } = record;
  return {
    seed: config.seed,
    accuracy: plainAccuracy,
    ttaAccuracy: accuracy,
    trainingSeconds,
    imagesPerSecond: imagesTrained / trainingSeconds,
    petaflop,
    computed: starts.map(({ backend, precision, threads, host, commit }) => ({
      ...{ backend, precision, threads, host, commit },
    })),
    othersCores,
  };
}
