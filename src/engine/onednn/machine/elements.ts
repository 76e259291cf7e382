import type { ComputeType } from '../backend.js';
import { bytesPerElement } from '../ffi/enums.js';
import type { Address, Assembler, Lanes } from './assembler.js';

/** The vector through which elements are written that are not f32. */
const CONVERTED = 14;

/** Of as many elements as a vector has. */
export const vectorBytes = ({ lanes }: { readonly lanes: Lanes }, type: ComputeType): number =>
  lanes * bytesPerElement[type];

/** A vector of f32 from elements of that type. */
export function loadElements(code: Assembler, type: ComputeType, to: number, from: Address): void {
  if (type === 'bf16') code.loadBf16(to, from);
  else code.load(to, from);
}

/** A vector of f32 as elements of that type. */
export function storeElements(code: Assembler, type: ComputeType, to: Address, from: number): void {
  if (type === 'bf16') code.storeBf16(to, from, CONVERTED);
  else code.store(to, from);
}
