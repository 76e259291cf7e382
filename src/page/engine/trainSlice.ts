import type { LayersModel } from '@tensorflow/tfjs-layers';
import { RECIPES } from '../../config/recipes';
import { resolveTrainConfig } from '../../config/resolveTrainConfig';
import { AUGMENT_PRESETS } from '../../dataset/augment/presets';
import { createAugmenter } from '../../dataset/augment/augmenter';
import { CIFAR10 } from '../../dataset/cifar10';
import { imageBytes } from '../../dataset/descriptor';
import { lossAndAccuracy } from '../../evaluation/metrics';
import { NETS, hasWhitening, logitsModel, setWhitening } from '../../nets/index';
import { namedWeights } from '../../nets/namedWeights';
import { FiniteWatch } from '../../training/finiteWatch';
import { LearningRates } from '../../training/learningRates';
import { createOptimizer } from '../../training/optimizer';
import { TrainingStep } from '../../training/trainingStep';
import { update } from '../../training/update';
import { Rng, STREAM, permutation } from '../../util/rng';
import { viewLogits } from './classify';
import type { Slice, TrainProgress, TrainSettings } from './messages';

/** What a page may ask of a training while it goes on. */
export interface Control {
  /** Resolves when it is to go on: at once, or after a pause. */
  mayGoOn(): Promise<void>;
  isStopped(): boolean;
}

/** For the recipe's 2,000 images a step: of few images, few would be steps. */
const RECIPE_BATCH = 2000;

/**
 * Trains a small network on a slice of the data, as `cifar train` does it, by its own steps, optimizer, augmentation and rates; only the
 * pictures of one thread are prepared in it.
 */
export async function trainSlice(
  slice: Slice,
  { net, epochs, batchSize, seed }: TrainSettings,
  control: Control,
  tell: (progress: TrainProgress) => void,
): Promise<LayersModel> {
  const recipe = RECIPES['fast94-muon'];
  const base = resolveTrainConfig({ ...recipe, model: net, epochs, batchSize, seed });
  // A step of fewer images takes a smaller step, by the root of their share.
  const scale = Math.sqrt(batchSize / RECIPE_BATCH);
  const config = { ...base, learningRate: base.learningRate * scale, muonRate: base.muonRate * scale };
  const size = imageBytes(CIFAR10);
  const count = slice.labels.length;
  const steps = Math.floor(count / batchSize);
  const model = NETS[net].build({ seed, dataset: CIFAR10 });
  if (hasWhitening(model)) await setWhitening(model, slice.images);
  const weights = namedWeights(model);
  const parameters = weights.filter(({ trainable }) => trainable);
  const trainee = {
    step: new TrainingStep(logitsModel(model), parameters, {
      ...{ microBatch: batchSize, batchSize, labelSmoothing: config.labelSmoothing },
      beforePart: () => undefined,
    }),
    parameters,
    optimizer: createOptimizer(config, weights, steps),
    watch: new FiniteWatch(),
  };
  const rates = new LearningRates(config, steps);
  const augmenter = createAugmenter({
    ...{ imageShape: CIFAR10.imageShape, statistics: CIFAR10.statistics },
    ...{ augment: AUGMENT_PRESETS.fast, seed, stream: STREAM.augment },
  });
  const total = Math.round(epochs * steps);
  let made = 0;
  for (let epoch = 0; made < total && !control.isStopped(); epoch++) {
    const order = permutation(count, new Rng(seed, STREAM.shuffle, epoch));
    const sums = { loss: 0, correct: 0, images: 0 };
    let busy = 0;
    for (let step = 0; step < steps && made < total; step++, made++) {
      await control.mayGoOn();
      if (control.isStopped()) break;
      const start = performance.now();
      const images = new Float32Array(batchSize * size);
      const labels = new Uint8Array(batchSize);
      for (let i = 0; i < batchSize; i++) {
        const image = order[step * batchSize + i];
        augmenter.augment(slice.images, image, epoch, images, i * size);
        labels[i] = slice.labels[image];
      }
      const { lossSum, correct } = await update(
        trainee,
        { images, labels },
        ({ role }) => rates.of(role, made),
        made,
      );
      busy += performance.now() - start;
      sums.loss += lossSum;
      sums.correct += correct;
      sums.images += batchSize;
      tell(progressOf(epoch, step + 1, steps, sums, busy));
    }
    if (sums.images === 0) break;
    const validation = lossAndAccuracy(await viewLogits(model, slice.testImages, 'none'), slice.testLabels);
    tell({ ...progressOf(epoch, steps, steps, sums, busy), validation });
  }
  trainee.watch.dispose();
  trainee.optimizer.dispose();
  return model;
}

function progressOf(
  epoch: number,
  step: number,
  steps: number,
  sums: { loss: number; correct: number; images: number },
  busyMs: number,
): TrainProgress {
  return {
    ...{ epoch, step, steps },
    loss: sums.loss / sums.images,
    accuracy: sums.correct / sums.images,
    imagesPerSecond: (1000 * sums.images) / busyMs,
  };
}
