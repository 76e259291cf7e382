import * as tf from '@tensorflow/tfjs-core';
import { frobeniusNorm, orthogonalize } from '../../engine/ops/index.js';
import { type Optimizer, type Parameter, type SavedTensor, movesOf } from './optimizer.js';
import { Sgd, type SgdOptions } from './sgd.js';
import { Slots } from './slots.js';

/** Newton–Schulz steps: three suffice for these filters. */
const STEPS = 3;

export interface MuonOptions {
  /** Momentum of the filters, Nesterov's form, in [0, 1). */
  muonMomentum: number;
  /** How the other parameters are trained; one λ for each parameter, the filters' unused. */
  sgd: SgdOptions;
}

/**
 * Muon (Jordan 2024): the filters of convolutions move by orthogonalised momentum, everything else by SGD. For a filter p
 * with gradient g: b ← μb + g; u = g + μb; p is rescaled to a Frobenius norm of √(filters); u, as a matrix with a
 * column for each filter, is replaced by the nearest semi-orthogonal one; p ← p − lr·u.
 */
export class Muon implements Optimizer {
  private readonly filters: number[];
  private readonly others: number[];
  private readonly buffers: Slots;
  private readonly sgd: Sgd;

  constructor(
    private readonly parameters: readonly Parameter[],
    private readonly options: MuonOptions,
  ) {
    const indices = parameters.map((_, i) => i);
    this.filters = indices.filter((i) => parameters[i].role === 'filter');
    this.others = indices.filter((i) => parameters[i].role !== 'filter');
    this.buffers = new Slots(
      'muon',
      this.filters.map((i) => parameters[i]),
    );
    this.sgd = new Sgd(
      this.others.map((i) => parameters[i]),
      { ...options.sgd, weightDecays: this.others.map((i) => options.sgd.weightDecays[i]) },
    );
  }

  apply(gradients: readonly (tf.Tensor | null)[], rates: readonly (number | null)[]): void {
    const of = <T>(values: readonly T[], indices: readonly number[]): T[] => indices.map((i) => values[i]);
    for (const { index: slot, gradient, rate } of movesOf(
      of(gradients, this.filters),
      of(rates, this.filters),
    )) {
      this.moveFilter(slot, this.parameters[this.filters[slot]].variable, gradient, rate);
    }
    this.sgd.apply(of(gradients, this.others), of(rates, this.others));
  }

  private moveFilter(slot: number, variable: tf.Variable, gradient: tf.Tensor, rate: number): void {
    const filters = variable.shape[variable.rank - 1];
    const { muonMomentum } = this.options;
    const [parameter, buffer]: tf.Tensor[] = tf.tidy(() => {
      const next = tf.add(tf.mul(this.buffers.get(slot), muonMomentum), gradient);
      const direction = tf.add(gradient, tf.mul(next, muonMomentum));
      const orthogonal = orthogonalize(tf.reshape(direction, [-1, filters]), STEPS);
      const scaled = tf.mul(variable, tf.div(Math.sqrt(filters), frobeniusNorm(variable)));
      return [tf.sub(scaled, tf.mul(tf.reshape(orthogonal, variable.shape), rate)), next];
    });
    this.buffers.set(slot, buffer);
    variable.assign(parameter);
    parameter.dispose();
  }

  state(): Map<string, tf.Tensor> {
    return new Map([...this.buffers.entries(), ...this.sgd.state()]);
  }

  restore(slots: ReadonlyMap<string, SavedTensor>): void {
    this.buffers.restore(slots);
    this.sgd.restore(slots);
  }

  dispose(): void {
    this.buffers.dispose();
    this.sgd.dispose();
  }
}
