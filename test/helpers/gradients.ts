import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { expectClose, normals } from './compare.js';

/** An operation's value in double precision, from plain loops. */
export type NaiveForward = (...inputs: Float64Array[]) => Float64Array;

/**
 * Gradients of Σ dy·f by central differences, in double precision.
 * @param forward f
 * @param inputs where
 * @param dy weights of f's values
 */
export function numericalGradients(
  forward: NaiveForward,
  inputs: Float64Array[],
  dy: Float64Array,
): Float64Array[] {
  const step = 1e-5;
  const value = () => forward(...inputs).reduce((sum, y, i) => sum + y * dy[i], 0);
  return inputs.map((input) =>
    input.map((x, i) => {
      input[i] = x + step;
      const above = value();
      input[i] = x - step;
      const below = value();
      input[i] = x;
      return (above - below) / (2 * step);
    }),
  );
}

export interface OpCheck {
  /** Names the case in a failure. */
  label: string;
  /** The inputs' shapes; their values are standard normal. */
  shapes: number[][];
  op: (...inputs: tf.Tensor[]) => tf.Tensor;
  naive: NaiveForward;
  /** Relative, of value and gradients; default 1e-5. */
  tolerance?: number;
}

/** Asserts that an operation's value and its gradients by all inputs agree with plain loops, and that it leaks nothing. */
export function checkOp({ label, shapes, op, naive, tolerance = 1e-5 }: OpCheck): void {
  const before = tf.memory().numTensors;
  const values = shapes.map((shape, i) => normals(tf.util.sizeFromShape(shape), 7, i));
  const inputs = values.map((value, i) => tf.tensor(value, shapes[i]));
  const doubles = values.map((value) => Float64Array.from(value));

  const y = op(...inputs);
  expectClose(`${label}, value`, y.dataSync(), naive(...doubles), tolerance);

  const dy = tf.tensor(normals(y.size, 8), y.shape);
  const gradients = tf.grads(op)(inputs, dy);
  const expected = numericalGradients(naive, doubles, Float64Array.from(dy.dataSync()));
  gradients.forEach((gradient, i) => {
    expect(gradient.shape, `${label}, gradient ${i}: shape`).toEqual(shapes[i]);
    expectClose(`${label}, gradient ${i}`, gradient.dataSync(), expected[i], tolerance);
  });

  tf.dispose([...inputs, y, dy, ...gradients]);
  expect(tf.memory().numTensors, `${label}: tensors left`).toBe(before);
}
