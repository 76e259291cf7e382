import type { TrainConfig } from '../config/trainOptions.js';
import type { NamedWeight } from '../nets/namedWeights.js';
import { Ema } from '../nn/averaging/ema.js';
import { Lookahead } from '../nn/averaging/lookahead.js';
import { Tail } from '../nn/averaging/tail.js';
import type { WeightAverage } from '../nn/averaging/weightAverage.js';
import { Adam } from '../nn/optimizers/adam.js';
import { Muon } from '../nn/optimizers/muon.js';
import { Clipped } from '../nn/optimizers/clipped.js';
import type { Optimizer } from '../nn/optimizers/optimizer.js';
import { rescalings } from '../nn/optimizers/rescaling.js';
import { Sgd, type SgdOptions } from '../nn/optimizers/sgd.js';
import { tailBegin, weightDecayOf } from './learningRates.js';

/**
 * @param weights of which the trainable ones are moved
 * @param total updates of the whole training
 */
export function createOptimizer(
  config: TrainConfig,
  weights: readonly NamedWeight[],
  total: number,
): Optimizer {
  const optimizer = plainOptimizer(config, weights, total);
  return config.clipNorm > 0 ? new Clipped(optimizer, config.clipNorm) : optimizer;
}

function plainOptimizer(config: TrainConfig, weights: readonly NamedWeight[], total: number): Optimizer {
  const parameters = weights.filter(({ trainable }) => trainable);
  const { momentum, nesterov } = config;
  const weightDecays = parameters.map(({ role }) => weightDecayOf(config, role));
  const sgd: SgdOptions = { momentum, nesterov, weightDecays };
  switch (config.optimizer) {
    case 'adam':
      return new Adam(parameters, config);
    case 'adamw':
      return new Adam(parameters, { ...config, weightDecays });
    case 'sgd':
      return new Sgd(parameters, sgd);
    case 'muon': {
      const { muonMomentum, muonDecay, muonCoefficients, muonRescale } = config;
      const [a, b, c] = muonCoefficients;
      const isDue = rescalings(total, muonRescale);
      return new Muon(parameters, {
        ...{ muonMomentum, muonDecay, sgd, coefficients: [a, b, c] },
        rescales: (step) => isDue[step],
      });
    }
  }
}

/**
 * The running average of a run's weights; undefined when it has none.
 * @param stepsPerEpoch updates of an epoch
 */
export function createAverage(
  config: TrainConfig,
  weights: readonly NamedWeight[],
  stepsPerEpoch: number,
): WeightAverage | undefined {
  const { lookahead, lookaheadDecay, ema, tailAverage: every, tailDecay: decay } = config;
  const moving = weights.filter(({ isFixed }) => !isFixed);
  if (lookahead > 0) return new Lookahead(moving, { every: lookahead, decay: lookaheadDecay });
  if (every > 0) return new Tail(moving, { every, decay, begin: tailBegin(config, stepsPerEpoch) });
  return ema > 0 ? new Ema(moving, ema) : undefined;
}
