import { RECIPES } from '../../src/config/recipes.js';
import { resolveTrainConfig } from '../../src/config/resolveTrainConfig.js';
import { CIFAR10 } from '../../src/dataset/cifar10.js';
import { namedWeights } from '../../src/nets/namedWeights.js';
import { NETS, logitsModel, setWhitening } from '../../src/nets/index.js';
import { FiniteWatch } from '../../src/training/finiteWatch.js';
import { LearningRates } from '../../src/training/learningRates.js';
import { createOptimizer } from '../../src/training/optimizer.js';
import { TrainingStep } from '../../src/training/trainingStep.js';
import { update } from '../../src/training/update.js';

export interface Slice {
  /** n × 3072 and n, bytes. */
  images: Uint8Array;
  labels: Uint8Array;
}

export interface StepFigures {
  loss: number;
  accuracy: number;
}

const RATE = 0.05;

/** Trains `fast-proxy-muon` on batches of a slice, in its order, as the recipe `fast94-muon` does on the whole data set. */
export async function trainSteps(
  { images, labels }: Slice,
  { batchSize, steps }: { batchSize: number; steps: number },
  onStep: (figures: StepFigures) => void,
): Promise<StepFigures[]> {
  // The recipe's rate is for 2,000 images a step: a few would be driven to no answer at all.
  const options = { model: 'fast-proxy-muon', batchSize, learningRate: RATE } as const;
  const config = resolveTrainConfig({ ...RECIPES['fast94-muon'], ...options });
  const model = NETS['fast-proxy-muon'].build({ seed: 1, dataset: CIFAR10 });
  await setWhitening(model, images);
  const weights = namedWeights(model);
  const parameters = weights.filter(({ trainable }) => trainable);
  const step = new TrainingStep(logitsModel(model), parameters, {
    ...{ microBatch: batchSize, batchSize, labelSmoothing: config.labelSmoothing },
    beforePart: () => undefined,
  });
  const trainee = {
    step,
    parameters,
    optimizer: createOptimizer(config, weights, 1000),
    watch: new FiniteWatch(),
  };
  const rates = new LearningRates(config, steps);
  const figures: StepFigures[] = [];
  for (let made = 0; made < steps; made++) {
    const first = (made * batchSize) % (labels.length - batchSize + 1);
    const pixels = images.subarray(first * 3072, (first + batchSize) * 3072);
    const batch = {
      images: Float32Array.from(pixels, (value) => value / 255),
      labels: labels.slice(first, first + batchSize),
    };
    const { lossSum, correct } = await update(trainee, batch, ({ role }) => rates.of(role, made), made);
    figures.push({ loss: lossSum / batchSize, accuracy: correct / batchSize });
    onStep(figures[made]);
  }
  trainee.watch.dispose();
  trainee.optimizer.dispose();
  model.dispose();
  return figures;
}
