import {
  Ceil,
  ClipByValue,
  type ClipByValueAttrs,
  EluGrad,
  Floor,
  Prelu,
  type PreluInputs,
  Relu6,
  Round,
  Select,
  SquaredDifference,
  Step,
  type StepAttrs,
} from '@tensorflow/tfjs-core';
import { map } from '../elementwise/map.js';
import { mappedKernel } from '../elementwise/mappedKernel.js';
import { type NativeKernel, nativeKernel } from '../kernel.js';
import type { Assembler, Rounding } from '../machine/assembler.js';
import { withWhole } from '../rearranging/tiled.js';

/** Vectors beside those of the operands. */
const [MASK, LEAST, MOST, OTHER] = [8, 9, 10, 11];

/** x, but no less and no more than two numbers; what is not a number stays so. */
function clip(code: Assembler, least: number, most: number): void {
  code.loadConstant(LEAST, least);
  code.loadConstant(MOST, most);
  code.largerVectors(0, LEAST, 0);
  code.smallerVectors(0, MOST, 0);
}

const roundingKernel = (name: string, rounding: Rounding): NativeKernel =>
  mappedKernel(name, ['x'], (code) => {
    code.roundVectors(0, 0, rounding);
  });

/** Functions that the library lacks, or which make a number of what is none. */
export const mappedKernels: readonly NativeKernel[] = [
  roundingKernel(Floor, 'down'),
  roundingKernel(Ceil, 'up'),
  roundingKernel(Round, 'nearest'),
  mappedKernel<StepAttrs>(Step, ['x'], (code, { alpha }) => {
    code.loadConstant(OTHER, alpha);
    code.loadConstant(MOST, 1);
    code.zeroVector(MASK);
    code.compareVectors(MASK, 0, 'greater', MASK);
    code.selectVectors(OTHER, MASK, MOST, OTHER);
    code.compareVectors(MASK, 0, 'notNumbers', 0);
    code.selectVectors(0, MASK, 0, OTHER);
  }),
  mappedKernel(Relu6, ['x'], (code) => {
    clip(code, 0, 6);
  }),
  mappedKernel<ClipByValueAttrs>(ClipByValue, ['x'], (code, { clipValueMin, clipValueMax }) => {
    clip(code, clipValueMin, clipValueMax);
  }),
  mappedKernel(Select, ['condition', 't', 'e'], (code) => {
    code.zeroVector(MASK);
    code.compareVectors(MASK, 0, 'greater', MASK);
    code.selectVectors(0, MASK, 1, 2);
  }),
  // By y = ELU(x): dy where that is above 0, dy·(y + 1) elsewhere.
  mappedKernel(EluGrad, ['dy', 'y'], (code) => {
    code.addConstant(OTHER, 1, 1);
    code.multiplyVectors(OTHER, OTHER, 0);
    code.zeroVector(MASK);
    code.compareVectors(MASK, 1, 'greater', MASK);
    code.selectVectors(0, MASK, 0, OTHER);
  }),
  mappedKernel(SquaredDifference, ['a', 'b'], (code) => {
    code.subtractVectors(0, 0, 1);
    code.multiplyVectors(0, 0, 0);
  }),
  nativeKernel<PreluInputs>(
    Prelu,
    ({ x, alpha }, _, backend) =>
      withWhole(backend, alpha, x.shape, (slopes) =>
        map(backend, Prelu, [x, slopes], (code) => {
          code.multiplyVectors(OTHER, 1, 0);
          code.zeroVector(MASK);
          code.compareVectors(MASK, 0, 'less', MASK);
          code.selectVectors(0, MASK, OTHER, 0);
        }),
      ),
    { isHostWhenSmall: true },
  ),
];
