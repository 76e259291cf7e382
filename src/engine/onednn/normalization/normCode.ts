import type { ComputeType } from '../backend.js';
import { type ActivationCode, activationCode } from '../machine/activationCode.js';
import type { Assembler } from '../machine/assembler.js';
import { loadElements, storeElements } from '../machine/elements.js';
import { FIRST, type Groups, kept, OTHER_ROW_SUM, passCode, PIXEL, ROW_SUM } from './passCode.js';

/** Vectors that are changed by each pixel. */
const [X, GRADIENT, Z] = [0, 1, 7];
const SPARE = [2, 3, 4, 5, 6];

/** Of each group: its first pixel, and the sums of the differences from it and of their squares. */
export function momentsCode(groups: Groups): Uint8Array {
  return passCode(groups, {
    tensors: ['x'],
    ofChannel: [],
    summed: 'moments',
    onePixel: (code) => {
      loadElements(code, groups.type, X, { base: PIXEL.x });
      code.subtractVectors(X, X, FIRST);
      code.addVectors(ROW_SUM, ROW_SUM, X);
      code.addProduct(OTHER_ROW_SUM, X, X);
    },
  });
}

/** Null of none. Where results are rounded to bf16, so are its own errors. */
const activationOf = ({ activation, type }: Groups): ActivationCode | null =>
  activation === 'linear' ? null : activationCode(activation, type === 'bf16' ? 'half' : 'full');

/** X ← x − mean */
function centre(code: Assembler, type: ComputeType): void {
  loadElements(code, type, X, { base: PIXEL.x });
  code.subtractVectors(X, X, kept('mean'));
}

/** X ← x − mean; Z ← that times factor plus offset. */
function normalise(code: Assembler, type: ComputeType): void {
  centre(code, type);
  code.multiplyVectors(Z, X, kept('factor'));
  code.addVectors(Z, Z, kept('offset'));
}

/** result ← the activation of x normalised. */
export function normaliseCode(groups: Groups): Uint8Array {
  const { type } = groups;
  const activation = activationOf(groups);
  return passCode(groups, {
    tensors: ['x', 'result'],
    ofChannel: ['mean', 'factor', 'offset'],
    onePixel: (code) => {
      normalise(code, type);
      activation?.value(code, GRADIENT, Z, SPARE);
      storeElements(code, type, { base: PIXEL.result }, activation === null ? Z : GRADIENT);
    },
  });
}

/**
 * Of each group the sums of the gradient by what was normalised, and of its products with x − mean; result ← that gradient, where an activation makes it
 * another than dy.
 */
export function gradientSumsCode(groups: Groups): Uint8Array {
  const { type } = groups;
  const activation = activationOf(groups);
  const [dy] = SPARE;
  return passCode(groups, {
    ...(activation === null
      ? { tensors: ['x', 'dy'], ofChannel: ['mean'] }
      : { tensors: ['x', 'dy', 'result'], ofChannel: ['mean', 'factor', 'offset'] }),
    summed: 'gradient',
    onePixel: (code) => {
      if (activation === null) {
        centre(code, type);
        loadElements(code, type, GRADIENT, { base: PIXEL.dy });
      } else {
        normalise(code, type);
        activation.slope(code, GRADIENT, Z, SPARE);
        loadElements(code, type, dy, { base: PIXEL.dy });
        code.multiplyVectors(GRADIENT, GRADIENT, dy);
        storeElements(code, type, { base: PIXEL.result }, GRADIENT);
      }
      code.addVectors(ROW_SUM, ROW_SUM, GRADIENT);
      code.addProduct(OTHER_ROW_SUM, GRADIENT, X);
    },
  });
}

/** result ← factor · dy + slope · (x − mean) + shift; dy is the gradient by what was normalised, and may be where the result is to be. */
export function inputGradientCode(groups: Groups): Uint8Array {
  const { type } = groups;
  return passCode(groups, {
    tensors: ['x', 'dy', 'result'],
    ofChannel: ['mean', 'factor', 'shift', 'slope'],
    onePixel: (code) => {
      centre(code, type);
      loadElements(code, type, GRADIENT, { base: PIXEL.dy });
      code.multiplyVectors(GRADIENT, GRADIENT, kept('factor'));
      code.addProduct(GRADIENT, X, kept('slope'));
      code.addVectors(GRADIENT, GRADIENT, kept('shift'));
      storeElements(code, type, { base: PIXEL.result }, GRADIENT);
    },
  });
}
