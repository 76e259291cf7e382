import type * as tf from '@tensorflow/tfjs-core';
import { muonUpdateAll } from '../../engine/ops/index.js';
import { type Optimizer, type Parameter, type SavedTensor, movesOf } from './optimizer.js';
import { Sgd, type SgdOptions } from './sgd.js';
import { Slots } from './slots.js';
import { take } from './take.js';

/** Newton–Schulz steps: three suffice for these filters. */
const STEPS = 3;

export interface MuonOptions {
  /** Momentum of the filters, Nesterov's form, in [0, 1). */
  muonMomentum: number;
  /** The polynomial of Newton and Schulz; default: Muon's first. */
  coefficients?: readonly [number, number, number];
  /** Whether the filters are rescaled at an update (0-based); default: at each. */
  rescales?: (step: number) => boolean;
  /** Decay λ of the filters, each multiplied by 1 − rate·λ after its step; default 0. */
  muonDecay?: number;
  /** How the other parameters are trained; one λ for each parameter, the filters' unused. */
  sgd: SgdOptions;
}

/**
 * Muon (Jordan 2024): the filters of convolutions move by orthogonalised momentum, everything else by SGD. For a filter p
 * with gradient g: b ← μb + g; u = g + μb; p is rescaled to a Frobenius norm of √(filters); u, as a matrix with a
 * column for each filter, is replaced by the nearest semi-orthogonal one; p ← p − lr·u, times 1 − lr·λ.
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

  apply(
    gradients: readonly (tf.Tensor | null)[],
    rates: readonly (number | null)[],
    step: number,
  ): tf.Tensor[] {
    const { muonMomentum, coefficients, rescales, muonDecay = 0 } = this.options;
    const of = <T>(values: readonly T[], indices: readonly number[]): T[] => indices.map((i) => values[i]);
    const filters = of(this.parameters, this.filters);
    const moves = movesOf(of(gradients, this.filters), of(rates, this.filters));
    const { indices } = moves;
    const updated = muonUpdateAll(
      indices.map((slot) => filters[slot].variable),
      indices.map((slot) => this.buffers.get(slot)),
      moves.gradients,
      {
        ...{ learningRates: moves.rates, momentum: muonMomentum, steps: STEPS, decay: muonDecay },
        ...{ rescales: rescales?.(step) ?? true },
        ...(coefficients && { coefficients }),
      },
    );
    return [
      ...take(updated, indices, filters, [this.buffers]),
      ...this.sgd.apply(of(gradients, this.others), of(rates, this.others)),
    ];
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
