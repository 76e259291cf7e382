import { describe, expect, it } from 'vitest';
import { matrixUnitOf, matrixWords } from '../../../src/engine/webgpu/matrixUnit.js';

const config = (componentType: string, resultComponentType: string, [M, N, K]: [number, number, number]) => ({
  ...{ componentType, resultComponentType, M, N, K },
});

const THIRTY_TWO = { subgroupMinSize: 32, subgroupMaxSize: 32 };

describe('the matrices that a device multiplies', () => {
  it('are the largest in 16 bits with sums in 32', () => {
    const unit = matrixUnitOf({
      ...THIRTY_TWO,
      subgroupMatrixConfigs: [
        config('i8', 'i32', [16, 16, 32]),
        config('f16', 'f16', [16, 16, 16]),
        config('f32', 'f32', [16, 16, 8]),
        config('f16', 'f32', [16, 8, 16]),
        config('f16', 'f32', [16, 16, 16]),
      ],
    });
    expect(unit).toEqual({ rows: 16, columns: 16, depth: 16, type: 'f16', subgroup: 32 });
    expect(unit && matrixWords(unit)).toBe('matrices of 16×16×16 in f16');
  });

  it('are those in 32 bits where others are summed in 16', () => {
    const subgroupMatrixConfigs = [config('f16', 'f16', [8, 8, 8]), config('f32', 'f32', [8, 8, 8])];
    expect(matrixUnitOf({ ...THIRTY_TWO, subgroupMatrixConfigs })).toMatchObject({ rows: 8, type: 'f32' });
  });

  it.each([
    ['none is there', THIRTY_TWO],
    [
      'all are summed in 16 bits',
      { ...THIRTY_TWO, subgroupMatrixConfigs: [config('f16', 'f16', [8, 8, 8])] },
    ],
    [
      'subgroups differ in size',
      { subgroupMinSize: 8, subgroupMaxSize: 32, subgroupMatrixConfigs: [config('f16', 'f32', [8, 8, 8])] },
    ],
    [
      'tiles do not fall into such',
      {
        ...THIRTY_TWO,
        subgroupMatrixConfigs: [config('f16', 'f32', [16, 16, 32]), config('f16', 'f32', [8, 24, 8])],
      },
    ],
    [
      'subgroups are larger than a workgroup',
      {
        subgroupMinSize: 256,
        subgroupMaxSize: 256,
        subgroupMatrixConfigs: [config('f16', 'f32', [8, 8, 8])],
      },
    ],
    ['nothing is said', {}],
  ])('are not used where %s', (_name, info) => expect(matrixUnitOf(info)).toBeUndefined());
});
