import type { ImageSet } from '../dataset/imageSet.js';
import { median, sum } from '../util/statistics.js';
import { type EnsembleResult, averagePredictions } from '../ensembles/averaging.js';
import type { TrainedMember } from '../ensembles/ensemblePlan.js';
import type { RunRecord, RunStart } from '../runs/runRecord.js';
import { type Summary, summarize } from './significance.js';

type JudgedOn = RunRecord['validatedOn'];

/** A training that is over, and what it came to. */
export type SeedOutcome = Pick<TrainedMember, 'record' | 'plainAccuracy' | 'accuracy'>;

/** One training of a benchmark. */
export interface BenchmarkRun {
  seed: number;
  /** Accuracy of the last epoch's model on the images it is judged on, 0 to 1: one plain pass, and with the plan's averaging. */
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
  /** held-out training images: of --validation-split; the test set was not looked at. */
  judgedOn: JudgedOn;
  /** All the runs' averaged predictions, averaged; null where none are kept, of held-out images. */
  ensemble: (Pick<EnsembleResult, 'accuracy' | 'accuracyBySize'> & { trainingSeconds: number }) | null;
  backend: string;
  hardware: TrainedMember['record']['hardware'];
  versions: TrainedMember['record']['versions'];
}

/** Sums up what came of one configuration under several seeds, on the test set. */
export function benchmarkResult(members: readonly TrainedMember[], test: ImageSet): BenchmarkResult {
  const paths = members.map(({ path }) => path);
  const { accuracy, accuracyBySize } = averagePredictions(paths, test);
  const trainingSeconds = sum(members.map(({ record }) => record.trainingSeconds));
  return { ...summed(members, 'test set'), ensemble: { accuracy, accuracyBySize, trainingSeconds } };
}

/** The same on images that were held out of training. */
export function heldOutResult(members: readonly SeedOutcome[]): BenchmarkResult {
  return { ...summed(members, 'held-out training images'), ensemble: null };
}

/** What an ensemble came to, and what each of its trainings took. */
export interface EnsembleFigures extends Pick<
  EnsembleResult,
  'accuracy' | 'meanAccuracy' | 'accuracyBySize'
> {
  name: string;
  runs: (BenchmarkRun & { recipe: string })[];
  /** Sums over the runs, training alone. */
  trainingSeconds: number;
  petaflop: number;
  hardware: RunRecord['hardware'];
  versions: RunRecord['versions'];
}

export function ensembleFigures(
  name: string,
  members: readonly TrainedMember[],
  { accuracy, meanAccuracy, accuracyBySize }: EnsembleResult,
): EnsembleFigures {
  const runs = members.map((member) => ({ recipe: member.record.config.recipe, ...runOf(member) }));
  const { hardware, versions } = members[0].record;
  return {
    ...{ name, accuracy, meanAccuracy, accuracyBySize, runs },
    trainingSeconds: sum(runs.map(({ trainingSeconds }) => trainingSeconds)),
    petaflop: sum(runs.map(({ petaflop }) => petaflop)),
    ...{ hardware, versions },
  };
}

function summed(members: readonly SeedOutcome[], judgedOn: JudgedOn): Omit<BenchmarkResult, 'ensemble'> {
  const runs = members.map(runOf);
  const seconds = runs.map(({ trainingSeconds }) => trainingSeconds);
  const { backend, hardware, versions } = members[0].record;
  return {
    runs,
    accuracy: summarize(runs.map((run) => run.accuracy)),
    ttaAccuracy: summarize(runs.map((run) => run.ttaAccuracy)),
    trainingSeconds: median(seconds),
    imagesPerSecond: median(runs.map(({ imagesPerSecond }) => imagesPerSecond)),
    petaflop: median(runs.map(({ petaflop }) => petaflop)),
    judgedOn,
    backend: backend.name,
    hardware,
    versions,
  };
}

function runOf({ record, plainAccuracy, accuracy }: SeedOutcome): BenchmarkRun {
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
