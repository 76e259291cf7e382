import type { Optimizer } from '../nn/optimizers/optimizer.js';
import type { NamedWeight } from '../nets/namedWeights.js';
import type { FiniteWatch } from './finiteWatch.js';
import type { StepInput, StepResult, TrainingStep } from './trainingStep.js';

/** A net in training. */
export interface Trainee {
  readonly step: TrainingStep;
  /** Those that `step` and `optimizer` were made for. */
  readonly parameters: readonly NamedWeight[];
  readonly optimizer: Optimizer;
  /** Told of each update. */
  readonly watch: FiniteWatch;
}

/**
 * One update of a net on a batch; none is made when the loss is not finite, or a gradient of an update before was not. Gradients of parameters that are not to be moved
 * at this update are not computed.
 * @param rates this update's; null for a parameter that is not to be moved
 * @param made updates that the optimizer has made before
 * @returns wereFinite: whether the gradients of the update before were, as far as the backend tells
 */
export async function update(
  { step, parameters, optimizer, watch }: Trainee,
  batch: StepInput,
  rates: (parameter: NamedWeight) => number | null,
  made: number,
): Promise<Pick<StepResult, 'lossSum' | 'correct'> & { wereFinite: boolean }> {
  const rateOf = parameters.map(rates);
  const running = step.run(batch, (index) => rateOf[index] !== null);
  const [{ gradients, ...sums }, wereFinite] = await Promise.all([running, watch.areFinite()]);
  try {
    if (wereFinite && Number.isFinite(sums.lossSum)) watch.add(optimizer.apply(gradients, rateOf, made));
  } finally {
    for (const gradient of gradients) gradient?.dispose();
  }
  return { ...sums, wereFinite };
}
