import type { Optimizer, ParameterRole } from '../nn/optimizers/optimizer.js';
import type { NamedWeight } from '../nets/namedWeights.js';
import type { StepInput, StepResult, TrainingStep } from './trainingStep.js';

/** A net in training. */
export interface Trainee {
  readonly step: TrainingStep;
  /** Those that `step` and `optimizer` were made for. */
  readonly parameters: readonly NamedWeight[];
  readonly optimizer: Optimizer;
}

/**
 * One update of a net on a batch; none is made when the loss is not finite. Gradients of parameters that are not to be moved
 * at this update are not computed.
 * @param rates this update's, by kind of parameter
 * @param made updates that the optimizer has made before
 */
export async function update(
  { step, parameters, optimizer }: Trainee,
  batch: StepInput,
  rates: (role: ParameterRole) => number | null,
  made: number,
): Promise<Pick<StepResult, 'lossSum' | 'correct'>> {
  const rateOf = parameters.map(({ role }) => rates(role));
  const { gradients, ...sums } = await step.run(batch, (index) => rateOf[index] !== null);
  try {
    if (Number.isFinite(sums.lossSum)) optimizer.apply(gradients, rateOf, made);
  } finally {
    for (const gradient of gradients) gradient?.dispose();
  }
  return sums;
}
