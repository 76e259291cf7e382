import { checkOptions, resolveTrainConfig } from '../config/resolveTrainConfig.js';
import { RESUMABLE } from '../config/resumable.js';
import type { TrainConfig } from '../config/trainOptions.js';
import { CIFAR10 } from '../dataset/cifar10.js';
import type { BuildOwnNet } from '../nets/index.js';
import type { EpochRecord } from '../runs/history.js';
import type { StepReport, TrainReporter } from '../training/reporter.js';
import { type TrainOptions as FitOptions, trainNew, trainResumed } from '../training/train.js';
import { UsageError } from '../util/errors.js';
import { Run, runOf } from './run.js';

/** Told how training goes. */
export interface TrainCallbacks {
  onStep?: (step: StepReport) => void;
  onEpoch?: (epoch: EpochRecord) => void;
  /** Something worth knowing that is no error. */
  onNote?: (note: string) => void;
  /** Aborted: the run is saved where it stands, and InterruptedError thrown. */
  signal?: AbortSignal;
}

/** Every option of `cifar train`, by its name in camelCase; `model` may also be a function that builds the network. */
export interface TrainOptions extends Partial<Omit<TrainConfig, 'model'>>, TrainCallbacks {
  model?: string | BuildOwnNet;
  /** Of the run; must be free. Default: from the options. */
  name?: string;
}

/**
 * Trains a new run to its end, as `cifar train` does.
 * @returns the run, whose folder is in `modelsDir`
 * @throws UsageError naming the option that is wrong; InterruptedError; CifarError when training diverged or files cannot be written
 */
export async function train(options: TrainOptions = {}): Promise<Run> {
  const { onStep, onEpoch, onNote, signal, name, model, ...given } = options;
  const network = typeof model === 'function' ? model : undefined;
  const named = typeof model === 'function' ? `function:${model.name || 'network'}` : model;
  const config = resolveTrainConfig(checkOptions({ ...given, ...(named !== undefined && { model: named }) }));
  const { folder } = await trainNew(config, name, {
    ...fitOptions({ onStep, onEpoch, onNote, signal }),
    ...(network && { network }),
  });
  return new Run(folder);
}

/** What may change when a run goes on. */
export interface ResumeOptions
  extends Partial<Pick<TrainConfig, (typeof RESUMABLE)[number]>>, TrainCallbacks {
  /** The function that builds the network, of a run that began with one. */
  model?: BuildOwnNet;
}

/**
 * Goes on with a run that was interrupted, or with a finished one to more epochs, to the same weights bit for bit.
 * @throws as `train`
 */
export async function resume(run: Run | string, options: ResumeOptions = {}): Promise<Run> {
  const { onStep, onEpoch, onNote, signal, model, ...given } = options;
  const stray = Object.keys(given).find((key) => !(RESUMABLE as readonly string[]).includes(key));
  if (stray !== undefined) {
    throw new UsageError(`${stray} cannot change when a run goes on; only ${RESUMABLE.join(', ')} can.`);
  }
  const { folder } = await trainResumed(runOf(run), checkOptions(given), {
    ...fitOptions({ onStep, onEpoch, onNote, signal }),
    ...(model && { network: model }),
  });
  return new Run(folder);
}

function fitOptions({
  onStep,
  onEpoch,
  onNote,
  signal,
}: { [K in keyof TrainCallbacks]: TrainCallbacks[K] | undefined }): FitOptions {
  const reporter: TrainReporter = {
    started: () => undefined,
    note: (line) => onNote?.(line),
    stepped: (step) => onStep?.(step),
    validating: () => undefined,
    epochEnded: (epoch) => onEpoch?.(epoch),
    ended: () => undefined,
  };
  return { dataset: CIFAR10, reporter, ...(signal && { signal }) };
}
