import { add, div, mul, reshape, sub } from '@tensorflow/tfjs-core';
import type { Rank, Tensor } from '@tensorflow/tfjs-core';
import { portableKernel } from './kernel.js';
import type { OpDefinition } from './kernel.js';
import { MUON_COEFFICIENTS } from './muonCoefficients.js';
import { frobeniusNorm, orthogonalize } from './orthogonalize.js';
import { type UpdatedAll, grouped, runGroups } from './tensorGroups.js';

/**
 * Kernel name: inputs all filters, then all momentum buffers, all gradients, see MuonUpdateAllAttrs → all filters′, all buffers′, and
 * where the backend has one the flag of UpdatedAll.
 */
export const MuonUpdateAll = 'MuonUpdateAll';

export interface MuonUpdateAllAttrs {
  /** Step size of each filter. */
  learningRates: readonly number[];
  /** Share of the buffer that stays, in [0, 1); Nesterov's form. */
  momentum: number;
  /** Newton–Schulz steps, at least 1, and their coefficients: see orthogonalize. */
  steps: number;
  coefficients: readonly [number, number, number];
  /** Whether filters are brought to a Frobenius norm of √(output channels) first. */
  rescales: boolean;
  /** Decay λ, at least 0: filters are multiplied by 1 − learning rate·λ after the step. */
  decay: number;
}

/** Of the first Muon. */
const DEFAULTS = { coefficients: MUON_COEFFICIENTS, rescales: true, decay: 0 } as const;

/**
 * One step of Muon (Jordan 2024): b′ = momentum·b + g; u = g + momentum·b′, as a matrix with a column for each output channel,
 * orthogonalised; filter′ = (filter·√columns/‖filter‖ − learningRate·u)·(1 − learningRate·decay), the filter's norm left alone where it is not rescaled.
 * @param filters [..., output channels] each, float32; buffers and gradients have as many, of the same shapes
 * @returns groups: the new filters and buffers; the inputs stay as they are
 */
export function muonUpdateAll(
  filters: readonly Tensor[],
  momentumBuffers: readonly Tensor[],
  gradients: readonly Tensor[],
  attrs: Omit<MuonUpdateAllAttrs, keyof typeof DEFAULTS> & Partial<MuonUpdateAllAttrs>,
): UpdatedAll {
  return runGroups(MuonUpdateAll, [filters, momentumBuffers, gradients], 2, {
    ...DEFAULTS,
    ...attrs,
  });
}

function compute(
  inputs: Record<string, Tensor>,
  { learningRates, momentum, steps, coefficients, rescales, decay }: MuonUpdateAllAttrs,
): Tensor[] {
  const [filters, buffers, gradients] = grouped(Object.values(inputs), 3);
  const each = filters.map((filter, i) => {
    const columns = filter.shape[filter.rank - 1];
    const buffer = add(mul(buffers[i], momentum), gradients[i]);
    const direction = add(gradients[i], mul(buffer, momentum));
    const orthogonal = orthogonalize(reshape<Rank.R2>(direction, [-1, columns]), steps, coefficients);
    const scaled = rescales ? mul(filter, div(Math.sqrt(columns), frobeniusNorm(filter))) : filter;
    const moved = sub(scaled, mul(reshape(orthogonal, filter.shape), learningRates[i]));
    return [decay === 0 ? moved : mul(moved, 1 - learningRates[i] * decay), buffer];
  });
  return [0, 1].flatMap((place) => each.map((tensors) => tensors[place]));
}

export const muonUpdateAllOp: OpDefinition = {
  kernels: [portableKernel(MuonUpdateAll, compute)],
  gradients: [],
};
