import {
  type BinaryInputs,
  Equal,
  Greater,
  GreaterEqual,
  Less,
  LessEqual,
  LogicalAnd,
  LogicalNot,
  LogicalOr,
  NotEqual,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../backend.js';
import { map } from '../elementwise/map.js';
import { mappedKernel } from '../elementwise/mappedKernel.js';
import { type NativeKernel, nativeKernel } from '../kernel.js';
import type { Assembler, Relation } from '../machine/assembler.js';
import { inOneShape } from '../rearranging/tiled.js';

const ZERO = 8;

function compare(
  backend: OneDnnBackend,
  relation: Relation,
  a: TensorInfo,
  b: TensorInfo,
): TensorInfo | null {
  const made = map(
    backend,
    relation,
    [a, b],
    (code) => {
      code.compareVectors(0, 0, relation, 1);
    },
    'bool',
  );
  if (made !== null || util.arraysEqual(a.shape, b.shape)) return made;
  return inOneShape(backend, a, b, (one, other) => compare(backend, relation, one, other));
}

/** Truth values of two tensors of one shape, or of which one repeats along axes of the other. */
const comparison = (name: string, relation: Relation): NativeKernel =>
  nativeKernel<BinaryInputs>(
    name,
    ({ a, b }, _, backend) =>
      [a, b].every(({ dtype }) => dtype === 'float32') ? compare(backend, relation, a, b) : null,
    { isHostWhenSmall: true },
  );

/** Whether a truth value, or what is made of two, is in that relation to 0. @param join leaves it in the first vector */
const junction = (
  name: string,
  inputs: readonly string[],
  relation: Relation,
  join: (code: Assembler) => void,
): NativeKernel =>
  mappedKernel(
    name,
    inputs,
    (code) => {
      join(code);
      code.zeroVector(ZERO);
      code.compareVectors(0, 0, relation, ZERO);
    },
    'bool',
  );

/** What makes truth values of numbers, and of truth values. */
export const truthKernels: readonly NativeKernel[] = [
  comparison(Greater, 'greater'),
  comparison(GreaterEqual, 'greaterEqual'),
  comparison(Less, 'less'),
  comparison(LessEqual, 'lessEqual'),
  comparison(Equal, 'equal'),
  comparison(NotEqual, 'notEqual'),
  junction(LogicalAnd, ['a', 'b'], 'greater', (code) => {
    code.smallerVectors(0, 0, 1);
  }),
  junction(LogicalOr, ['a', 'b'], 'greater', (code) => {
    code.largerVectors(0, 0, 1);
  }),
  junction(LogicalNot, ['x'], 'equal', () => undefined),
];
