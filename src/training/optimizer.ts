import type { TrainConfig } from '../config/trainOptions.js';
import type { NamedWeight } from '../nets/namedWeights.js';
import { Ema } from '../nn/averaging/ema.js';
import { Lookahead } from '../nn/averaging/lookahead.js';
import type { WeightAverage } from '../nn/averaging/weightAverage.js';
import { Adam } from '../nn/optimizers/adam.js';
import { Muon } from '../nn/optimizers/muon.js';
import type { Optimizer } from '../nn/optimizers/optimizer.js';
import { Sgd, type SgdOptions } from '../nn/optimizers/sgd.js';
import { weightDecayOf } from './learningRates.js';

/** @param weights of which the trainable ones are moved */
export function createOptimizer(config: TrainConfig, weights: readonly NamedWeight[]): Optimizer {
  const parameters = weights.filter(({ trainable }) => trainable);
  const { momentum, nesterov, muonMomentum } = config;
  const sgd: SgdOptions = {
    momentum,
    nesterov,
    weightDecays: parameters.map(({ role }) => weightDecayOf(config, role)),
  };
  switch (config.optimizer) {
    case 'adam':
      return new Adam(parameters, config);
    case 'sgd':
      return new Sgd(parameters, sgd);
    case 'muon':
      return new Muon(parameters, { muonMomentum, sgd });
  }
}

/** The running average of a run's weights; undefined when it has none. */
export function createAverage(
  { lookahead, lookaheadDecay, ema }: TrainConfig,
  weights: readonly NamedWeight[],
): WeightAverage | undefined {
  const moving = weights.filter(({ isFixed }) => !isFixed);
  if (lookahead > 0) return new Lookahead(moving, { every: lookahead, decay: lookaheadDecay });
  return ema > 0 ? new Ema(moving, ema) : undefined;
}
