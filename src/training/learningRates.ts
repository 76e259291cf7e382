import type { TrainConfig } from '../config/trainOptions.js';
import { constant } from '../nn/schedules/constant.js';
import { cosine } from '../nn/schedules/cosine.js';
import { oneCycle } from '../nn/schedules/oneCycle.js';
import type { ParameterRole } from '../nn/optimizers/optimizer.js';
import type { Schedule } from '../nn/schedules/schedule.js';
import { step } from '../nn/schedules/step.js';
import { triangle } from '../nn/schedules/triangle.js';
import { withWarmup } from '../nn/schedules/warmup.js';
import { totalSteps } from './position.js';

/** The rates of a run's updates, by kind of parameter. */
export class LearningRates {
  private readonly schedule: Schedule;

  constructor(
    private readonly config: TrainConfig,
    private readonly stepsPerEpoch: number,
  ) {
    this.schedule = createSchedule(config, stepsPerEpoch);
  }

  /**
   * The rate of --learning-rate at an update.
   * @param step number of updates made before, 0-based
   */
  base(step: number): number {
    return this.config.learningRate * this.schedule(step / this.stepsPerEpoch);
  }

  /** The rate of a kind of parameter at an update; null when it is not to be moved. */
  of(role: ParameterRole, step: number): number | null {
    const { config } = this;
    if (role === 'whitening') return this.whitening(step);
    if (role === 'filter' && config.optimizer === 'muon') {
      return config.muonRate * this.schedule(step / this.stepsPerEpoch);
    }
    return this.base(step) * multiplierOf(config, role);
  }

  private whitening(step: number): number | null {
    const { learningRate, whiteningEpochs, whiteningDecay } = this.config;
    if (whiteningEpochs === 0) return this.base(step);
    const share = step / this.stepsPerEpoch / whiteningEpochs;
    if (share >= 1) return null;
    return whiteningDecay ? learningRate * (1 - share) : this.base(step);
  }
}

/** Decay λ of a kind of parameter: where its rate is multiplied, λ is divided by as much. */
export function weightDecayOf(config: TrainConfig, role: ParameterRole): number {
  const isKernel = role === 'filter' || role === 'kernel' || role === 'head';
  if (!isKernel && !config.decayAll) return 0;
  const multiplier = multiplierOf(config, role);
  return multiplier === 0 ? 0 : config.weightDecay / multiplier;
}

function multiplierOf({ normRate, headRate }: TrainConfig, role: ParameterRole): number {
  if (role === 'norm') return normRate;
  return role === 'head' ? headRate : 1;
}

/** Updates after which the rate of a triangle has come down to its last. */
function floorBegin({ epochs, floorShare }: TrainConfig, stepsPerEpoch: number): number {
  return Math.round((1 - floorShare) * totalSteps(epochs, stepsPerEpoch));
}

/** Updates after which the averaged tail begins. */
export function tailBegin(config: TrainConfig, stepsPerEpoch: number): number {
  return Math.max(0, floorBegin(config, stepsPerEpoch) - 2 * config.tailAverage);
}

function createSchedule(config: TrainConfig, stepsPerEpoch: number): Schedule {
  const { epochs, warmupEpochs } = config;
  const main = (): Schedule => {
    switch (config.schedule) {
      case 'constant':
        return constant();
      case 'step':
        return step(config.stepEpochs, config.stepFactors);
      case 'cosine':
        return cosine(warmupEpochs, epochs);
      case 'one-cycle':
        return oneCycle(epochs);
      case 'triangle': {
        // The peak and the end are at whole updates.
        const total = totalSteps(epochs, stepsPerEpoch);
        const peak = Math.floor(config.peakAt * total) / stepsPerEpoch;
        const end = floorBegin(config, stepsPerEpoch) / stepsPerEpoch;
        return triangle(peak, end, config.firstFactor, config.lastFactor);
      }
    }
  };
  return warmupEpochs > 0 ? withWarmup(warmupEpochs, main()) : main();
}
