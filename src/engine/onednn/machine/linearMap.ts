import type { Assembler } from './assembler.js';

/** Vectors that hold operands; results are made in the others. */
export const OPERANDS = 8;

/**
 * Σ factors[i] · vector i. A sum's own roundings: the terms whose factors are not 1 or −1 first.
 * @returns the vector that holds it: `into`, or an operand whose factor is 1 and the only one
 */
export function weightedVector(code: Assembler, factors: readonly number[], into: number): number {
  const terms = factors.map((factor, vector) => ({ factor, vector })).filter(({ factor }) => factor !== 0);
  const isScaled = ({ factor }: { factor: number }): boolean => Math.abs(factor) !== 1;
  const units = terms.filter((term) => !isScaled(term)).toSorted((a, b) => b.factor - a.factor);
  let sum: number | undefined;
  for (const { factor, vector } of terms.filter(isScaled)) {
    if (sum === undefined) code.scaleVector(into, vector, factor);
    else code.addScaled(into, vector, factor);
    sum = into;
  }
  for (const { factor, vector } of units) {
    if (sum === undefined && factor === 1) {
      sum = vector;
      continue;
    }
    if (sum === undefined) {
      code.zeroVector(into);
      sum = into;
    }
    if (factor === 1) code.addVectors(into, sum, vector);
    else code.subtractVectors(into, sum, vector);
    sum = into;
  }
  if (sum === undefined) {
    code.zeroVector(into);
    return into;
  }
  return sum;
}
