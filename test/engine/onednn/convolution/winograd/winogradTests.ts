import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { OneDnnBackend } from '../../../../../src/engine/onednn/backend.js';
import { type Geometry, geometryOf } from '../../../../../src/engine/onednn/convolution/geometry.js';
import {
  winogradTile,
  winogradTileForFilter,
} from '../../../../../src/engine/onednn/convolution/winograd/bestTile.js';
import type { Tile } from '../../../../../src/engine/onednn/convolution/winograd/transforms.js';
import {
  winogradConvolution,
  winogradInputGradient,
} from '../../../../../src/engine/onednn/convolution/winograd/winogradConvolution.js';
import { winogradFilterGradient } from '../../../../../src/engine/onednn/convolution/winograd/winogradFilterGradient.js';
import { convBiasActivation } from '../../../../../src/engine/ops/index.js';
import {
  type Accumulated,
  accumulator,
  type ConvCase,
  explicit,
  planConv,
  sizeOf,
  worstError,
} from '../../reference.js';
import { activate, describeOneDnn, instructionSet, runsMachineCode } from '../../setup.js';

const cases: readonly ConvCase[] = [
  {
    name: 'tiles that outputs fill',
    x: [3, 6, 4, 64],
    filter: [3, 3, 64, 128],
    strides: [1, 1],
    pad: 'same',
  },
  { name: 'odd rows and columns', x: [2, 5, 7, 64], filter: [3, 3, 64, 64], strides: [1, 1], pad: 'same' },
  {
    name: 'trimmed',
    x: [2, 7, 6, 128],
    filter: [3, 3, 128, 64],
    strides: [1, 1],
    pad: explicit([1, 0], [1, 0]),
  },
  {
    name: 'unequal paddings after',
    x: [1, 4, 5, 64],
    filter: [3, 3, 64, 64],
    strides: [1, 1],
    pad: explicit([1, 2], [1, 0]),
  },
  {
    name: 'a last block of channels that is half empty',
    x: [2, 6, 5, 24],
    filter: [3, 3, 24, 64],
    strides: [1, 1],
    pad: explicit([1, 0], [1, 1]),
  },
  { name: 'a column', x: [2, 4, 1, 64], filter: [3, 3, 64, 64], strides: [1, 1], pad: 'same' },
];

const ALONE = { bias: null, slope: 1 };
/** Rounding allowed in f32, of the result and of the sum of its terms' sizes: single precision has 6e-8. */
const ROUNDING = [1e-6, 2e-6] as const;
/** Allowed in bf16, to which planes are rounded, over the results' own size, both as roots of mean squares: 1.4 % is to be expected, more where padding is much of the tiles. */
const NOISE = 0.03;
/** By how much results may differ whose order of sums does, of the largest. */
const ORDER = { f32: 1e-5, bf16: 2 ** -7 } as const;

const geometry = ({ x, filter, pad }: Pick<ConvCase, 'x' | 'filter' | 'pad'>): Geometry =>
  geometryOf(x, filter, { strides: 1, pad }) as Geometry;

const normal = (shape: readonly number[], seed: number): tf.Tensor =>
  tf.randomNormal([...shape], 0, 1, 'float32', seed);

const withCode = it.skipIf(!runsMachineCode);

export function winogradTests(precision: 'bf16' | 'f32'): void {
  describeOneDnn('convolution by tiles (Winograd)', precision, () => {
    let backend: OneDnnBackend;
    beforeAll(async () => {
      backend = await activate(precision);
    });
    const expectClose = (
      expected: ArrayLike<number>,
      actual: ArrayLike<number>,
      off: number = ORDER[precision],
    ) => {
      const values = Array.from(expected);
      const largest = values.reduce((most, size) => Math.max(most, Math.abs(size)), 0);
      expect(largest).toBeGreaterThan(1);
      expect(actual.length).toBe(values.length);
      expect(values.findIndex((value, i) => !(Math.abs(value - actual[i]) < off * largest))).toBe(-1);
    };

    const read = (info: TensorInfo): Float32Array => {
      const values = backend.readSync(info.dataId) as Float32Array;
      backend.disposeData(info.dataId);
      return values;
    };

    for (const [testCase, tile] of cases.flatMap((testCase) => [
      [testCase, 3] as const,
      [testCase, 4] as const,
    ])) {
      const { name, x, filter } = testCase;
      const { y, forEach } = planConv(testCase);

      withCode(
        `${name}, ${tile}×${tile}: forward, alone and with bias and ReLU; gradients by input and filter`,
        () => {
          const tensors = [normal(x, 1), normal(filter, 2), normal(y, 3), normal([filter[3]], 4)];
          const [xt, wt, dyt, bt] = tensors;
          const [xs, ws, dys, bias] = tensors.map((tensor) => tensor.dataSync());
          const [sums, ended, dx, dw] = [y, y, x, filter].map((shape) => accumulator(sizeOf(shape)));
          for (let i = 0; i < ended.value.length; i++) ended.add(i, bias[i % filter[3]]);
          forEach((xi, wi, yi) => {
            sums.add(yi, xs[xi] * ws[wi]);
            ended.add(yi, xs[xi] * ws[wi]);
            dx.add(xi, dys[yi] * ws[wi]);
            dw.add(wi, dys[yi] * xs[xi]);
          });
          const relued = ended.value.map((sum) => Math.max(sum, 0));
          const g = geometry(testCase);
          // A tile's outputs round each other's terms: what one may be off goes by the largest.
          const error = (info: TensorInfo, { value, magnitude }: Accumulated): number => {
            const actual = read(info);
            if (precision === 'bf16') return noise(actual, value) / NOISE;
            const largest = magnitude.reduce((most, size) => Math.max(most, size), 0);
            return worstError(actual, { value, magnitude: magnitude.map(() => largest) }, ...ROUNDING);
          };
          expect(
            error(winogradConvolution(backend, tile, g, xt, wt, ALONE), sums),
            'alone',
          ).toBeLessThanOrEqual(1);
          const relu = { bias: bt, slope: 0 };
          expect(
            error(winogradConvolution(backend, tile, g, xt, wt, relu), { ...ended, value: relued }),
            'bias and ReLU',
          ).toBeLessThanOrEqual(1);
          expect(error(winogradInputGradient(backend, tile, g, dyt, wt), dx), 'input').toBeLessThanOrEqual(1);
          expect(error(winogradFilterGradient(backend, tile, g, xt, dyt), dw), 'filter').toBeLessThanOrEqual(
            1,
          );
          tf.dispose(tensors);
        },
      );
    }

    withCode.each([3, 4] as const)(
      'by chunks of images, tiles of %i: outputs are those of the images, the filter’s gradient is the sum of theirs',
      (tile) => {
        const [images, half] = [60, 30];
        const g = (count: number): Geometry =>
          geometry({ x: [count, 15, 15, 64], filter: [3, 3, 64, 256], pad: 'same' });
        const run = (xt: tf.Tensor, dyt: tf.Tensor, wt: tf.Tensor): Float32Array[] => {
          const whole = g(xt.shape[0]);
          return [
            winogradConvolution(backend, tile, whole, xt, wt, ALONE),
            winogradInputGradient(backend, tile, whole, dyt, wt),
            winogradFilterGradient(backend, tile, whole, xt, dyt),
          ].map(read);
        };
        tf.tidy(() => {
          const [xt, dyt] = [normal([images, 15, 15, 64], 1), normal([images, 15, 15, 256], 2)];
          const wt = normal([3, 3, 64, 256], 3);
          const [y, dx, dw] = run(xt, dyt, wt);
          const [first, second] = [0, half].map((start) =>
            run(
              tf.slice(xt, [start, 0, 0, 0], [half, 15, 15, 64]),
              tf.slice(dyt, [start, 0, 0, 0], [half, 15, 15, 256]),
              wt,
            ),
          );
          expectClose(y, joined(first[0], second[0]));
          expectClose(dx, joined(first[1], second[1]));
          expectClose(
            dw,
            first[2].map((sum, i) => sum + second[2][i]),
          );
        });
      },
    );

    withCode('gives the same bits each time', () => {
      const g = geometry({ x: [40, 7, 7, 128], filter: [3, 3, 128, 192], pad: 'same' });
      const tensors = [normal(g.x, 1), normal(g.filter, 2), normal(g.y, 3)];
      const [xt, wt, dyt] = tensors;
      const run = (): Buffer[] =>
        [
          winogradConvolution(backend, 4, g, xt, wt, ALONE),
          winogradInputGradient(backend, 4, g, dyt, wt),
          winogradFilterGradient(backend, 4, g, xt, dyt),
        ].map((info) => Buffer.from(read(info).buffer));
      const first = run();
      for (let i = 0; i < 3; i++) {
        expect(run().map((bits, which) => bits.equals(first[which]))).toEqual([true, true, true]);
      }
      tf.dispose(tensors);
    });

    it('is taken for many channels of many pixels, by the tiles that suit, and not elsewhere', () => {
      const ways = (
        size: number,
        inputs: number,
        outputs: number,
        images = 128,
        pad: ConvCase['pad'] = 'same',
      ): (Tile | null)[] => {
        const g = geometry({ x: [images, size, size, inputs], filter: [3, 3, inputs, outputs], pad });
        return [
          winogradTile(backend, g, g.y),
          winogradTile(backend, g, g.x),
          winogradTileForFilter(backend, g, 'columns'),
          winogradTileForFilter(backend, g, 'library'),
        ];
      };
      const isHere =
        runsMachineCode &&
        (precision === 'f32'
          ? /^avx(2|512)/.test(`${instructionSet}`)
          : instructionSet === 'avx512_core_bf16');
      const [three, four] = isHere ? ([3, 4] as const) : [null, null];
      const none = [null, null, null, null];
      // Of blocks of sixteen, 24 channels fill the second one half.
      expect(ways(31, 24, 64, 128, explicit([1, 0], [1, 0]))).toEqual([four, four, four, four]);
      expect(ways(8, 512, 512)).toEqual([four, four, four, four]);
      expect(ways(3, 512, 512)).toEqual([three, three, three, three]);
      // 7 → 6, and back.
      expect(ways(7, 256, 256, 128, explicit([1, 0], [1, 0]))).toEqual([three, four, three, three]);
      expect(ways(32, 64, 64)).toEqual([four, four, four, four]);
      // Few channels, few pixels, a padding that it does not know, channels that fill no block.
      expect(ways(32, 16, 32)).toEqual(none);
      expect(ways(8, 512, 512, 8)).toEqual(none);
      expect(ways(8, 512, 512, 128, 'valid')).toEqual(none);
      expect(ways(8, 100, 512)).toEqual(none);
      // Rows that are too long for a thread's stack.
      expect(ways(1025, 64, 64, 1)).toEqual(none);
    });

    withCode('convolutions of tensors go this way where it is faster', () => {
      tf.tidy(() => {
        const [xt, wt] = [normal([64, 4, 4, 256], 1), normal([3, 3, 256, 256], 2)];
        let products = 0;
        backend.onExecute = () => products++;
        const y = convBiasActivation(xt as tf.Tensor4D, wt as tf.Tensor4D, null).dataSync();
        backend.onExecute = null;
        const g = geometry({ x: [64, 4, 4, 256], filter: [3, 3, 256, 256], pad: 'same' });
        expect(products >= 36).toBe(winogradTile(backend, g, g.y) !== null);
        const other = read(winogradConvolution(backend, 4, g, xt, wt, ALONE));
        // Another way where none by tiles is taken: bf16's rounding of planes tells them apart.
        expectClose(other, y, precision === 'bf16' ? 0.03 : undefined);
      });
    });

    withCode('leaves no native memory', () => {
      tf.tidy(() => {
        const used = backend.memory().numBytesNative;
        const g = geometry({ x: [2, 4, 4, 64], filter: [3, 3, 64, 64], pad: 'same' });
        const tensors = [normal([2, 4, 4, 64], 1), normal([2, 4, 4, 64], 2), normal([3, 3, 64, 64], 3)];
        const [xt, dyt, wt] = tensors;
        read(winogradConvolution(backend, 4, g, xt, wt, ALONE));
        read(winogradInputGradient(backend, 4, g, dyt, wt));
        read(winogradFilterGradient(backend, 4, g, xt, dyt));
        tf.dispose(tensors);
        // A row of zeros stays, and is there since the first case.
        expect(backend.memory().numBytesNative - used).toBe(0);
      });
    });
  });
}

/** Root of the mean square of what values are off, over that of what they should be. */
function noise(actual: Float32Array, expected: Float64Array): number {
  expect(actual.length).toBe(expected.length);
  const squares = (values: Float64Array): number => values.reduce((sum, value) => sum + value ** 2, 0);
  return Math.sqrt(squares(expected.map((value, i) => actual[i] - value)) / squares(expected));
}

const joined = (a: Float32Array, b: Float32Array): Float32Array => {
  const both = new Float32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
};
