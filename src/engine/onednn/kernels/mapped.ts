import {
  Ceil,
  ClipByValue,
  type ClipByValueAttrs,
  type ClipByValueInputs,
  EluGrad,
  type EluGradInputs,
  Floor,
  Prelu,
  type PreluInputs,
  Relu6,
  Round,
  Select,
  type SelectInputs,
  SquaredDifference,
  type SquaredDifferenceInputs,
  Step,
  type StepAttrs,
  type StepInputs,
  type UnaryInputs,
} from '@tensorflow/tfjs-core';
import type { Assembler, Rounding } from '../machine/assembler.js';
import { map } from '../elementwise/map.js';
import { type NativeKernel, nativeKernel } from '../kernel.js';
import { withWhole } from '../rearranging/tiled.js';

/** Vectors beside those of the operands. */
const [MASK, LEAST, MOST] = [8, 9, 10];

/** x, but no less and no more than two numbers; what is not a number stays so. */
function clip(code: Assembler, least: number, most: number): void {
  code.loadConstant(LEAST, least);
  code.loadConstant(MOST, most);
  code.largerVectors(0, LEAST, 0);
  code.smallerVectors(0, MOST, 0);
}

function roundingKernel(name: string, rounding: Rounding): NativeKernel {
  return nativeKernel<UnaryInputs>(
    name,
    ({ x }, _, backend) =>
      map(backend, name, [x], (code) => {
        code.roundVectors(0, 0, rounding);
      }),
    { isHostWhenSmall: true },
  );
}

/** Functions that the library lacks, or which make a number of what is none. */
export const mappedKernels: readonly NativeKernel[] = [
  roundingKernel(Floor, 'down'),
  roundingKernel(Ceil, 'up'),
  roundingKernel(Round, 'nearest'),
  nativeKernel<StepInputs, StepAttrs>(
    Step,
    ({ x }, { alpha }, backend) =>
      map(backend, `${Step} ${alpha}`, [x], (code) => {
        code.loadConstant(LEAST, alpha);
        code.loadConstant(MOST, 1);
        code.zeroVector(MASK);
        code.compareVectors(MASK, 0, 'greater', MASK);
        code.selectVectors(MOST, MASK, MOST, LEAST);
        code.compareVectors(MASK, 0, 'notNumbers', 0);
        code.selectVectors(0, MASK, 0, MOST);
      }),
    { isHostWhenSmall: true },
  ),
  nativeKernel<UnaryInputs>(
    Relu6,
    ({ x }, _, backend) =>
      map(backend, Relu6, [x], (code) => {
        clip(code, 0, 6);
      }),
    { isHostWhenSmall: true },
  ),
  nativeKernel<ClipByValueInputs, ClipByValueAttrs>(
    ClipByValue,
    ({ x }, { clipValueMin, clipValueMax }, backend) =>
      map(backend, `${ClipByValue} ${clipValueMin} ${clipValueMax}`, [x], (code) => {
        clip(code, clipValueMin, clipValueMax);
      }),
    { isHostWhenSmall: true },
  ),
  nativeKernel<SelectInputs>(
    Select,
    ({ condition, t, e }, _, backend) =>
      map(backend, Select, [condition, t, e], (code) => {
        code.zeroVector(MASK);
        code.compareVectors(MASK, 0, 'greater', MASK);
        code.selectVectors(0, MASK, 1, 2);
      }),
    { isHostWhenSmall: true },
  ),
  nativeKernel<EluGradInputs>(
    EluGrad,
    ({ dy, y }, _, backend) =>
      map(backend, EluGrad, [dy, y], (code) => {
        code.addConstant(LEAST, 1, 1);
        code.multiplyVectors(LEAST, LEAST, 0);
        code.zeroVector(MASK);
        code.compareVectors(MASK, 1, 'greater', MASK);
        code.selectVectors(0, MASK, 0, LEAST);
      }),
    { isHostWhenSmall: true },
  ),
  nativeKernel<PreluInputs>(
    Prelu,
    ({ x, alpha }, _, backend) =>
      withWhole(backend, alpha, x.shape, (slopes) =>
        map(backend, Prelu, [x, slopes], (code) => {
          code.multiplyVectors(LEAST, 1, 0);
          code.zeroVector(MASK);
          code.compareVectors(MASK, 0, 'less', MASK);
          code.selectVectors(0, MASK, LEAST, 0);
        }),
      ),
    { isHostWhenSmall: true },
  ),
  nativeKernel<SquaredDifferenceInputs>(
    SquaredDifference,
    ({ a, b }, _, backend) =>
      map(backend, SquaredDifference, [a, b], (code) => {
        code.subtractVectors(0, 0, 1);
        code.multiplyVectors(0, 0, 0);
      }),
    { isHostWhenSmall: true },
  ),
];
