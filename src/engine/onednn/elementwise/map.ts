import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { ComputeType, OneDnnBackend } from '../backend.js';
import { runStrips } from '../machine/strips.js';
import { commonLayout, typeOf, withoutGaps } from './elementwise.js';
import { LANES, mapCode, type OnVectors, type Operand, PIECE } from './mapCode.js';

/** What a tensor is to a function of elements of a shape; null for what it cannot be. */
function operandOf(tensor: TensorInfo, shape: readonly number[], type: ComputeType): Operand | null {
  const isWhole = util.arraysEqual(tensor.shape, [...shape]);
  if (tensor.dtype === 'bool') return isWhole ? 'u8' : null;
  if (tensor.dtype !== 'float32') return null;
  if (isWhole) return type;
  const isOne = util.sizeFromShape(tensor.shape) === 1 && tensor.shape.length <= shape.length;
  return isOne ? 'number' : null;
}

/**
 * A function of each element, or of those at the same place of tensors of the first one's shape; others may be one number. What numbers are
 * made of is of their type.
 * @param key names the function
 * @param result of the function
 * @returns null for other shapes and types, and where machine code of this program's own cannot run
 */
export function map(
  backend: OneDnnBackend,
  key: string,
  tensors: readonly TensorInfo[],
  onVectors: OnVectors,
  result: 'float32' | 'bool' = 'float32',
): TensorInfo | null {
  if (!backend.native.canRunCode) return null;
  const { descriptors } = backend;
  const { shape } = tensors[0];
  const whole = tensors.filter((tensor) => util.arraysEqual(tensor.shape, shape));
  const numbers = whole.filter(({ dtype }) => dtype === 'float32');
  const type = numbers.length === 0 ? 'f32' : (typeOf(backend, numbers[0]) as ComputeType);
  const layout = withoutGaps(backend, commonLayout(backend, numbers.length === 0 ? whole : numbers));
  const operands = tensors.map((tensor) => operandOf(tensor, shape, type));
  if (!operands.every((operand) => operand !== null)) return null;
  const pointers = tensors.map((tensor, i) => {
    const operand = operands[i];
    const isNumber = operand === 'number';
    return backend.input(
      tensor,
      isNumber ? descriptors.dense([1], 'f32') : descriptors.withType(layout, operand),
    );
  });
  const made = result === 'bool' ? 'u8' : type;
  const y = backend.output(shape, result, descriptors.withType(layout, made));
  const vectors = Math.ceil(util.sizeFromShape(shape) / LANES);
  runStrips(
    backend,
    `map|${key}|${operands.join()}|${made}`,
    () => mapCode(operands, made, onVectors),
    { images: Math.ceil(vectors / PIECE), rows: 1, channels: LANES, lanes: LANES },
    [...pointers, y.pointer, vectors],
  );
  return y.info;
}
