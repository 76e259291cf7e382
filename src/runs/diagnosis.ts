import { followsRecipe } from '../config/followsRecipe.js';
import type { RecipeName } from '../config/recipeNames.js';
import { mean } from '../util/statistics.js';
import { percent } from '../util/percent.js';
import type { EpochRecord } from './history.js';
import type { RunRecord } from './runRecord.js';

/** An epoch that was judged on images not trained on. */
type Judged = EpochRecord & { validationLoss: number; validationAccuracy: number };

/** Fewer judged epochs say nothing. */
const LEAST = 5;

/** Shares of the judged epochs that are looked at together, at the end and before it. */
const LAST = 0.2;

/** Training accuracy above which the images are known by heart. */
const BY_HEART = 0.98;

/** By how much a loss must have risen, or fallen, to be no noise. */
const RISE = 1.1;
const FALL = 0.98;

/**
 * Mean accuracy of one pass over the test set that a recipe comes to, and the recipe that comes to more; from results/, where three seeds or more
 * were trained.
 */
const REACHED: Readonly<Partial<Record<RecipeName, { accuracy: number; more: RecipeName }>>> = {
  fast94: { accuracy: 0.9329, more: 'fast' },
  'fast94-muon': { accuracy: 0.9314, more: 'fast' },
  'fast94-sgd': { accuracy: 0.9323, more: 'fast' },
  fast: { accuracy: 0.9467, more: 'fast96' },
  'fast95-muon': { accuracy: 0.9432, more: 'fast' },
};

/** What seeds differ by from each other, a few times over. */
const SEEDS = 0.004;

/**
 * One sentence on how a training went, and the option to try next, from its own history.
 * @param classes of the data set
 * @returns undefined where the history does not say it clearly
 */
export function diagnosis(
  record: RunRecord,
  history: readonly EpochRecord[],
  classes: number,
): string | undefined {
  if (record.status === 'diverged') return undefined;
  const judged = history.filter((epoch): epoch is Judged => epoch.validationLoss !== null);
  const course =
    judged.length < LEAST
      ? undefined
      : (tooHighRate(record, judged, classes) ??
        overfitting(record, judged) ??
        stillImproving(record, judged));
  return course ?? asGoodAsItGets(record);
}

/** How many of the last ones are taken together. */
const lastCount = ({ length }: readonly unknown[]): number => Math.max(2, Math.round(LAST * length));

/**
 * The net answers other images worse than by guessing, though it is not that it knows its own by heart: its running statistics cannot follow the
 * weights.
 */
function tooHighRate({ config }: RunRecord, judged: readonly Judged[], classes: number): string | undefined {
  const end = judged.slice(-lastCount(judged));
  const isLost = end.every(
    ({ validationLoss, trainLoss, trainAccuracy }) =>
      validationLoss > 1.2 * Math.log(classes) && trainLoss < Math.log(classes) && trainAccuracy < BY_HEART,
  );
  if (config.schedule !== 'constant' || !isLost) return undefined;
  const rate = Number((config.learningRate / 3).toPrecision(2));
  return `Its training loss falls while its answers to other images are worse than guesses: the learning rate is too high, try --learning-rate ${rate}.`;
}

/**
 * The loss on other images rises while that on the training images falls, or these are known by heart; and the accuracy on others gains nothing
 * by it.
 */
function overfitting({ config, validationImages }: RunRecord, judged: readonly Judged[]): string | undefined {
  const losses = judged.map(({ validationLoss }) => validationLoss);
  const lowest = losses.indexOf(Math.min(...losses));
  const end = judged.slice(-lastCount(judged));
  if (lowest >= judged.length - end.length) return undefined;
  const isRisen = mean(end.map(({ validationLoss }) => validationLoss)) > RISE * losses[lowest];
  const isLearned = end.every(({ trainLoss }) => trainLoss < judged[lowest].trainLoss);
  const gain = mean(end.map((one) => one.validationAccuracy)) - judged[lowest].validationAccuracy;
  const chance = judged[lowest].validationAccuracy;
  const noise = Math.sqrt((chance * (1 - chance)) / validationImages);
  const isByHeart = end.every(({ trainAccuracy }) => trainAccuracy > BY_HEART) && chance < 0.9;
  if (!(isRisen || isByHeart) || !isLearned || gain > 2 * noise) return undefined;
  const advice = config.augment === 'none' ? '--augment normal' : 'a stronger --augment, or fewer --epochs';
  return `It overfits since epoch ${judged[lowest].epoch + 1}: from there the training loss falls and the other does not; try ${advice}.`;
}

/** The loss on other images was still falling when training ended, at a rate that had not been lowered. */
function stillImproving({ config, status }: RunRecord, judged: readonly Judged[]): string | undefined {
  if (config.schedule !== 'constant' || status !== 'finished') return undefined;
  const count = lastCount(judged);
  const lossOf = (part: readonly Judged[]): number => mean(part.map(({ validationLoss }) => validationLoss));
  const [before, end] = [judged.slice(-2 * count, -count), judged.slice(-count)];
  const lowest = Math.min(...judged.map(({ validationLoss }) => validationLoss));
  // A loss that jumps about may be lower on average and yet not lower than it has been.
  const isLowest = end.some(({ validationLoss }) => validationLoss === lowest);
  if (before.length < count || !isLowest || lossOf(end) > FALL * lossOf(before)) return undefined;
  return `It was still improving when it ended: try --resume with --epochs ${2 * Math.ceil(config.epochs)}, or --schedule one-cycle from the beginning.`;
}

/** A recipe as it stands has come to what it comes to. */
function asGoodAsItGets({ config, status, last, validatedOn }: RunRecord): string | undefined {
  if (status !== 'finished' || last === undefined || validatedOn !== 'test set') return undefined;
  const reached = followsRecipe(config) ? REACHED[config.recipe as RecipeName] : undefined;
  if (reached === undefined || config.limitTest > 0) return undefined;
  if (last.accuracy < reached.accuracy - SEEDS) return undefined;
  return `That is as good as this recipe gets (${percent(reached.accuracy)} in one pass, on average); for more try --recipe ${reached.more}.`;
}
