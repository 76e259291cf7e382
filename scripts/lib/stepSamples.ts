import { hash32 } from '../../src/util/rng.js';
import type { StepValues } from './parity.js';

/** A training step's values in few numbers: small enough to keep, many enough to notice any change. */
export interface StepSamples {
  loss: number;
  gradients: Record<string, TensorSamples>;
}

export interface TensorSamples {
  /** The tensor's largest absolute value, to which differences are compared. */
  largest: number;
  /** Its values at `samplePositions`. */
  values: number[];
}

/** Where a tensor is sampled: up to 24 positions that depend on its size only. */
export function samplePositions(size: number): number[] {
  const count = Math.min(size, 24);
  return Array.from({ length: count }, (_, i) => hash32(size, i) % size);
}

export function sampleStep(step: StepValues): StepSamples {
  const gradients: Record<string, TensorSamples> = {};
  for (const [name, values] of step.gradients) {
    gradients[name] = {
      largest: values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0),
      values: samplePositions(values.length).map((position) => values[position]),
    };
  }
  return { loss: step.loss, gradients };
}
