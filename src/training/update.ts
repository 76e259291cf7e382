import type { Tensor } from '@tensorflow/tfjs-core';
import type { Optimizer } from '../nn/optimizers/optimizer.js';
import type { NamedWeight } from '../nets/namedWeights.js';
import type { FiniteWatch } from './finiteWatch.js';
import { type LossScale, noteUpdate, unscaled } from './lossScale.js';
import type { StepInput, StepResult, TrainingStep } from './trainingStep.js';

/** A net in training. */
export interface Trainee {
  readonly step: TrainingStep;
  /** Those that `step` and `optimizer` were made for. */
  readonly parameters: readonly NamedWeight[];
  readonly optimizer: Optimizer;
  /** Told of each update. */
  readonly watch: FiniteWatch;
  /** Of one whose gradients lie in 16 bits; kept up to date. */
  readonly lossScale?: LossScale | undefined;
}

/**
 * One update of a net on a batch; none is made when the loss is not finite, when a gradient of an update before was not, or when one overflowed
 * 16 bits. Gradients of parameters that are not to be moved
 * at this update are not computed.
 * @param rates this update's; null for a parameter that is not to be moved
 * @param made updates that the optimizer has made before
 * @returns wereFinite: whether the gradients of the update before were, as far as the backend tells, and this one's for all that a loss scale does
 */
export async function update(
  { step, parameters, optimizer, watch, lossScale }: Trainee,
  batch: StepInput,
  rates: (parameter: NamedWeight) => number | null,
  made: number,
): Promise<Pick<StepResult, 'lossSum' | 'correct'> & { wereFinite: boolean }> {
  const rateOf = parameters.map(rates);
  const running = step.run(batch, (index) => rateOf[index] !== null, lossScale?.factor);
  const [{ gradients, ...sums }, wereFinite] = await Promise.all([running, watch.areFinite()]);
  if (!wereFinite || !Number.isFinite(sums.lossSum)) {
    disposeAll(gradients);
    return { ...sums, wereFinite };
  }
  const usable = lossScale === undefined ? gradients : await unscaled(gradients, lossScale);
  try {
    if (usable !== undefined) watch.add(optimizer.apply(usable, rateOf, made));
  } finally {
    disposeAll([...gradients, ...(usable ?? [])]);
  }
  const isRight = lossScale === undefined || noteUpdate(lossScale, usable !== undefined);
  return { ...sums, wereFinite: isRight };
}

function disposeAll(gradients: readonly (Tensor | null)[]): void {
  for (const gradient of gradients) gradient?.dispose();
}
