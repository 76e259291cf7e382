import type { ComputeType } from '../backend.js';
import { bytesPerElement } from '../ffi/enums.js';
import { type Address, type Assembler, Label, type Lanes, R } from '../machine/assembler.js';
import { loadElements, storeElements } from '../machine/elements.js';
import { argument, stripsCode } from '../machine/strips.js';

/** Machine code that makes each element of one vector of those at the same place of others, all of them as long and without gaps. */

/** Of f32 in a vector: comparisons of AVX-512's make masks of another kind, and memory is the bound. */
export const LANES: Lanes = 8;

/** Vectors in a piece of work. */
export const PIECE = 512;

/** Where each tensor's elements are, the result's last. */
const PLACES = [R.r8, R.r9, R.r10, R.r11];

/** Beside those of the function: where truth values are packed. */
const PACKED = 14;

/** Highest bit of an f32. */
const SIGN_BIT = 31;

/** Of elements: truth values are bytes, and become 0 or 1. */
export type MappedType = ComputeType | 'u8';

/** A vector of elements, or one number, f32, for all. */
export type Operand = MappedType | 'number';

/**
 * What is done with the vectors 0, 1, …, one of each operand: the result is left in the first; truth values in the highest bit of each f32. Those
 * from 8 to 13 may be changed.
 */
export type OnVectors = (code: Assembler) => void;

function loadOperand(code: Assembler, operand: Operand, to: number, from: Address): void {
  if (operand === 'number') code.loadRepeated(to, from);
  else if (operand === 'u8') {
    code.loadBytes(to, from);
    code.fromIntegers(to, to);
  } else loadElements(code, operand, to, from);
}

function storeResult(code: Assembler, type: MappedType, to: Address): void {
  if (type !== 'u8') {
    storeElements(code, type, to, 0);
    return;
  }
  code.shiftRight(0, 0, SIGN_BIT);
  code.storeBytes(to, 0, PACKED);
}

/** Arguments: the operands' addresses, the result's, and the number of vectors. */
export function mapCode(operands: readonly Operand[], result: MappedType, onVectors: OnVectors): Uint8Array {
  const tensors = [...operands, result].map((operand) => ({
    vectorBytes: operand === 'number' ? 0 : LANES * bytesPerElement[operand],
  }));
  return stripsCode({ rows: 1, vectors: 1, lanes: LANES }, 0, (code) => {
    tensors.forEach(({ vectorBytes }, i) => {
      code.multiplyInteger(R.rcx, R.rbx, PIECE * vectorBytes);
      code.move(PLACES[i], argument(i));
      code.add(PLACES[i], R.rcx);
    });
    // The last piece may have fewer.
    code.multiplyInteger(R.rax, R.rbx, -PIECE);
    code.add(R.rax, argument(tensors.length));
    code.moveInteger(R.rcx, PIECE);
    code.compare(R.rax, R.rcx);
    code.moveIf('less', R.rcx, R.rax);
    const again = new Label();
    code.place(again);
    operands.forEach((operand, i) => {
      loadOperand(code, operand, i, { base: PLACES[i] });
    });
    onVectors(code);
    storeResult(code, result, { base: PLACES[operands.length] });
    tensors.forEach(({ vectorBytes }, i) => {
      code.addInteger(PLACES[i], vectorBytes);
    });
    code.addInteger(R.rcx, -1);
    code.jumpIf('notEqual', again);
  });
}
