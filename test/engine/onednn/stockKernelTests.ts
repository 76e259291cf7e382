import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, expect, it } from 'vitest';
import type { OneDnnBackend } from '../../../src/engine/onednn/backend.js';
import { exactValues } from './reference.js';
import { activate, asActivation, describeOneDnn, runsMachineCode } from './setup.js';

/** Above the size up to which kernels run on the host; the second fills neither its blocks of channels nor a vector. */
const SHAPES = [
  [3, 8, 8, 48],
  [5, 7, 9, 23],
] as const;

/** Without the sign of zero. */
const positive = (v: number): number => v + 0;

/** What is not a number stays so. */
const FUNCTIONS: readonly [
  name: string,
  compute: (x: tf.Tensor) => tf.Tensor,
  expected: (v: number) => number,
][] = [
  ['floor', tf.floor, Math.floor],
  ['ceil', tf.ceil, Math.ceil],
  ['round', tf.round, (v) => (Math.abs(v % 1) === 0.5 ? 2 * Math.round(v / 2) : Math.round(v))],
  ['step', (x) => tf.step(x, 0.5), (v) => (Number.isNaN(v) ? v : v > 0 ? 1 : 0.5)],
  ['relu6', tf.relu6, (v) => Math.min(Math.max(v, 0), 6)],
  ['prelu', (x) => tf.prelu(x, tf.fill([x.shape[3] ?? 1], 0.25)), (v) => (v < 0 ? 0.25 * v : v)],
  ['leakyRelu', (x) => tf.leakyRelu(x, 0.25), (v) => (v < 0 ? 0.25 * v : v)],
  ['clipByValue', (x) => tf.clipByValue(x, -0.5, 2), (v) => Math.min(Math.max(v, -0.5), 2)],
];

/** The elements of a tensor [I, J, K, L] by a function of their places. */
function built(shape: readonly number[], value: (at: [number, number, number, number]) => number): number[] {
  const [n, h, w, c] = shape;
  const all: number[] = [];
  for (let i = 0; i < n; i++)
    for (let j = 0; j < h; j++)
      for (let k = 0; k < w; k++) for (let l = 0; l < c; l++) all.push(value([i, j, k, l]));
  return all;
}

export function stockKernelTests(precision: 'bf16' | 'f32'): void {
  describeOneDnn('kernels that models of stock layers need', precision, () => {
    let backend: OneDnnBackend;
    beforeAll(async () => {
      // One thread: these are many small calls, and other programs may be running.
      backend = await activate(precision, 1);
      backend.statistics.reset();
    });
    afterEach(() => {
      const { fallbacksHit } = backend.statistics.report();
      backend.statistics.reset();
      expect(fallbacksHit).toEqual({});
    });

    /** The same values [N, H, W, C] in row-major order, and as a convolution leaves them. */
    const heldIn = (shape: readonly number[], values: Float32Array): tf.Tensor4D[] => [
      tf.tensor4d(values, shape as [number, number, number, number]),
      asActivation(values, shape),
    ];

    it.each(SHAPES)('takes parts of [%i, %i, %i, %i], in a row and with gaps', (...shape) => {
      const values = exactValues(shape, 1);
      const [, h, w, c] = shape;
      const at = ([i, j, k, l]: readonly number[]): number => values[((i * h + j) * w + k) * c + l];
      for (const [begin, size] of [
        [
          [1, 0, 0, 0],
          [2, h, w, c],
        ],
        [
          [2, 3, 0, 0],
          [1, 4, w, c],
        ],
        [
          [0, 1, 2, 3],
          [3, 5, 4, 7],
        ],
      ]) {
        const expected = built(size, (place) => at(place.map((p, axis) => p + begin[axis])));
        tf.tidy(() => {
          for (const x of heldIn(shape, values)) {
            const y = tf.slice(x, begin, size);
            expect(y.shape).toEqual(size);
            expect(Array.from(y.dataSync())).toEqual(expected);
          }
        });
      }
    });

    it('gathers along the first axis, neighbours and repetitions too, of any type', () => {
      const chosen = [7, 2, 3, 4, 4, 0, 9, 9];
      for (const [dtype, row] of [
        ['float32', 600],
        ['int32', 601],
        ['bool', 602],
      ] as const) {
        tf.tidy(() => {
          const values = Array.from({ length: 10 * row }, (_, i) => (dtype === 'bool' ? i % 2 : i));
          const x = tf.tensor2d(values, [10, row], dtype);
          const y = tf.gather(x, tf.tensor2d(chosen, [2, 4], 'int32'));
          expect([y.shape, y.dtype]).toEqual([[2, 4, row], dtype]);
          const expected = chosen.flatMap((i) => values.slice(i * row, (i + 1) * row));
          expect(Array.from(y.dataSync())).toEqual(expected);
        });
      }
    });

    it('repeats along any axes', () => {
      for (const [shape, reps] of [
        [
          [1, 1, 1, 40],
          [3, 5, 9, 1],
        ],
        [
          [3, 1, 4, 150],
          [1, 3, 2, 1],
        ],
        [
          [2, 3, 1, 1],
          [3, 1, 1, 900],
        ],
      ]) {
        const [, h, w, c] = shape;
        const values = exactValues(shape, 2);
        const whole = shape.map((length, axis) => length * reps[axis]);
        const expected = built(whole, (place) => {
          const [i, j, k, l] = place.map((p, axis) => p % shape[axis]);
          return values[((i * h + j) * w + k) * c + l];
        });
        tf.tidy(() => {
          const y = tf.tile(tf.tensor(values, shape), reps);
          expect(y.shape).toEqual(whole);
          expect(Array.from(y.dataSync())).toEqual(expected);
        });
      }
    });

    it.each(SHAPES)('puts the axes of [%i, %i, %i, %i] into another order', (...shape) => {
      const values = exactValues(shape, 3);
      const [, h, w, c] = shape;
      for (const perm of [
        [0, 3, 1, 2],
        [3, 1, 0, 2],
        [1, 0, 2, 3],
      ]) {
        const expected = built(
          perm.map((axis) => shape[axis]),
          (place) => {
            const [i, j, k, l] = shape.map((_, axis) => place[perm.indexOf(axis)]);
            return values[((i * h + j) * w + k) * c + l];
          },
        );
        tf.tidy(() => {
          for (const x of heldIn(shape, values)) {
            expect(Array.from(tf.transpose(x, perm).dataSync())).toEqual(expected);
          }
        });
      }
    });

    it('puts tensors behind one another, in any mixture of layouts', () => {
      const [shape, other] = [
        [3, 8, 8, 48],
        [3, 8, 8, 20],
      ] as const;
      const [a, b] = [exactValues(shape, 4), exactValues(other, 5)];
      const expected = built([3, 8, 8, 68], ([i, j, k, l]) => {
        const pixel = (i * 8 + j) * 8 + k;
        return l < 48 ? a[pixel * 48 + l] : b[pixel * 20 + l - 48];
      });
      tf.tidy(() => {
        for (const x of heldIn(shape, a)) {
          for (const y of heldIn(other, b)) {
            expect(Array.from(tf.concat([x, y], -1).dataSync())).toEqual(expected);
            const behind = tf.concat([y, y], 0).dataSync();
            expect(Array.from(behind)).toEqual([...b, ...b]);
          }
        }
      });
    });

    it.each(SHAPES)('puts zeros around [%i, %i, %i, %i]', (...shape) => {
      const values = exactValues(shape, 6);
      const [n, h, w, c] = shape;
      const expected = built([n, h + 3, w + 1, c], ([i, j, k, l]) =>
        j < 1 || j > h || k === w ? 0 : values[((i * h + j - 1) * w + k) * c + l],
      );
      tf.tidy(() => {
        for (const x of heldIn(shape, values)) {
          const y = tf.pad(x, [
            [0, 0],
            [1, 2],
            [0, 1],
            [0, 0],
          ]);
          expect(Array.from(y.dataSync())).toEqual(expected);
        }
      });
    });

    it.skipIf(!runsMachineCode).each(SHAPES)(
      'compares [%i, %i, %i, %i] with others and with a number',
      (...shape) => {
        const [a, b] = [exactValues(shape, 7), exactValues(shape, 8)];
        a.set(b.subarray(0, 100));
        a.set([NaN, Infinity, -Infinity]);
        const relations = [
          [tf.greater, (p: number, q: number): boolean => p > q],
          [tf.greaterEqual, (p: number, q: number): boolean => p >= q],
          [tf.less, (p: number, q: number): boolean => p < q],
          [tf.lessEqual, (p: number, q: number): boolean => p <= q],
          [tf.equal, (p: number, q: number): boolean => p === q],
          [tf.notEqual, (p: number, q: number): boolean => p !== q],
        ] as const;
        tf.tidy(() => {
          for (const [relation, expected] of relations) {
            for (const x of heldIn(shape, a)) {
              // Through a convolution what is infinite has become NaN.
              const known = x.dataSync();
              for (const y of heldIn(shape, b)) {
                const actual = relation(x, y);
                expect(actual.dtype).toBe('bool');
                const truth = Array.from(known, (v, i) => Number(expected(v, b[i])));
                expect(Array.from(actual.dataSync()), relation.name).toEqual(truth);
              }
              const besideNumber = Array.from(known, (v) => Number(expected(v, 0.25)));
              expect(Array.from(relation(x, 0.25).dataSync()), relation.name).toEqual(besideNumber);
              const [n, , , c] = shape;
              const ofImage = tf.slice(tf.tensor(b, [...shape]), [0, 0, 0, 0], [n, 1, 1, c]);
              const size = b.length / n;
              const beside = Array.from(known, (v, i) =>
                Number(expected(b[Math.floor(i / size) * size + (i % c)], v)),
              );
              expect(Array.from(relation(ofImage, x).dataSync()), relation.name).toEqual(beside);
            }
          }
        });
      },
    );

    it.each(SHAPES)('divides [%i, %i, %i, %i] along an axis', (...shape) => {
      const values = exactValues(shape, 15);
      const [n, h, w, c] = shape;
      const at = ([i, j, k, l]: readonly number[]): number => values[((i * h + j) * w + k) * c + l];
      const lengths = [7, 1, c - 8];
      tf.tidy(() => {
        for (const x of heldIn(shape, values)) {
          let start = 0;
          tf.split(x, lengths, 3).forEach((y, i) => {
            const before = start;
            const expected = built([n, h, w, lengths[i]], ([a, b, d, e]) => at([a, b, d, e + before]));
            expect(Array.from(y.dataSync())).toEqual(expected);
            start += lengths[i];
          });
          tf.unstack(x, 1).forEach((y, row) => {
            expect(y.shape).toEqual([n, w, c]);
            const expected = built([n, 1, w, c], ([a, , d, e]) => at([a, row, d, e]));
            expect(Array.from(y.dataSync())).toEqual(expected);
          });
        }
      });
    });

    it('repeats the smaller operand along any axes, on either side', () => {
      const [shape] = SHAPES;
      const [n, h, w, c] = shape;
      const a = exactValues(shape, 16).map((v) => v + 2);
      for (const other of [
        [n, 1, 1, c],
        [n, h, w, 1],
        [1, h, 1, c],
        [h, w, 1],
      ]) {
        const b = exactValues(other, 17).map((v) => v + 2);
        const whole = [...new Array<number>(4 - other.length).fill(1), ...other];
        const bAt = built(shape, (place) => {
          const [i, j, k, l] = place.map((p, axis) => p % whole[axis]);
          return b[((i * whole[1] + j) * whole[2] + k) * whole[3] + l];
        });
        tf.tidy(() => {
          for (const x of heldIn(shape, a)) {
            const y = tf.tensor(b, other);
            const bound = precision === 'bf16' ? 2 ** -7 : 1e-6;
            for (const [actual, expected] of [
              [tf.mul(x, y), a.map((v, i) => v * bAt[i])],
              [tf.sub(x, y), a.map((v, i) => v - bAt[i])],
              [tf.div(y, x), a.map((v, i) => bAt[i] / v)],
              [tf.sub(y, x), a.map((v, i) => bAt[i] - v)],
            ] as const) {
              actual.dataSync().forEach((value, i) => {
                expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(9 * bound);
              });
            }
          }
        });
      }
    });

    it('the largest over the positions of images', () => {
      const [shape] = SHAPES;
      const values = exactValues(shape, 18);
      const [n, h, w, c] = shape;
      const expected = built([n, 1, 1, c], ([i, , , l]) => {
        const all = Array.from({ length: h * w }, (_, pixel) => values[(i * h * w + pixel) * c + l]);
        return Math.max(...all);
      });
      tf.tidy(() => {
        for (const x of heldIn(shape, values)) {
          expect(Array.from(tf.max(x, [1, 2]).dataSync())).toEqual(expected);
          expect(tf.max(x, [1, 2], true).shape).toEqual([n, 1, 1, c]);
        }
      });
    });

    it.each(SHAPES)(
      'makes blocks of the pixels of [%i, %i, %i, %i], and sums their gradients',
      (...shape) => {
        const [values, [n, h, w, c]] = [exactValues(shape, 19), shape];
        const size: [number, number] = [2 * h, 3 * w];
        const large = [n, ...size, c];
        const dy = exactValues(large, 20);
        const expected = built(large, ([i, j, k, l]) => {
          const pixel = (i * h + Math.floor(j / 2)) * w + Math.floor(k / 3);
          return values[pixel * c + l];
        });
        const sums = built(shape, ([i, j, k, l]) => {
          let sum = 0;
          for (let p = 2 * j; p < 2 * j + 2; p++) {
            for (let q = 3 * k; q < 3 * k + 3; q++) sum += dy[((i * 2 * h + p) * 3 * w + q) * c + l];
          }
          return sum;
        });
        tf.tidy(() => {
          for (const x of heldIn(shape, values)) {
            const upsampled = (t: tf.Tensor): tf.Tensor =>
              tf.image.resizeNearestNeighbor(t as tf.Tensor4D, size);
            expect(Array.from(upsampled(x).dataSync())).toEqual(expected);
            const dx = tf.grad(upsampled)(x, tf.tensor(dy, large)).dataSync();
            dx.forEach((value, i) => {
              expect(Math.abs(value - sums[i])).toBeLessThanOrEqual(1e-5);
            });
          }
        });
      },
    );

    it.each(SHAPES)('computes SELU and softplus of [%i, %i, %i, %i]', (...shape) => {
      const values = exactValues(shape, 21).map((v) => 8 * v);
      const [scale, alpha] = [1.0507009873554805, 1.6732632423543772];
      tf.tidy(() => {
        for (const x of heldIn(shape, values)) {
          const bound = precision === 'bf16' && backend.layout(x).type === 'bf16' ? 2 ** -7 : 2e-6;
          for (const [actual, expected] of [
            [tf.selu(x), (v: number): number => scale * (v > 0 ? v : alpha * Math.expm1(v))],
            [tf.softplus(x), (v: number): number => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)))],
            [tf.sigmoid(x), (v: number): number => 1 / (1 + Math.exp(-v))],
          ] as const) {
            actual.dataSync().forEach((value, i) => {
              const right = expected(values[i]);
              expect(Math.abs(value - right)).toBeLessThanOrEqual(bound * Math.max(1, Math.abs(right)));
            });
          }
        }
      });
    });

    it.skipIf(!runsMachineCode)('joins truth values; makes zeros of any shape', () => {
      const [shape] = SHAPES;
      const [a, b] = [exactValues(shape, 13), exactValues(shape, 14)];
      tf.tidy(() => {
        const [x, y] = heldIn(shape, a);
        const [p, q] = [tf.greater(y, 0), tf.less(tf.tensor(b, [...shape]), 0)];
        const both = Array.from(a, (v, i) => Number(v > 0 && b[i] < 0));
        expect(Array.from(tf.logicalAnd(p, q).dataSync())).toEqual(both);
        expect(Array.from(tf.logicalNot(p).dataSync())).toEqual(Array.from(a, (v) => Number(v <= 0)));
        const either = Array.from(a, (v, i) => Number(v > 0 || b[i] < 0));
        expect(Array.from(tf.logicalOr(p, q).dataSync())).toEqual(either);
        for (const tensor of [x, y, p]) {
          const zeros = tf.zerosLike(tensor);
          expect([zeros.dtype, zeros.shape]).toEqual([tensor.dtype, [...shape]]);
          expect(zeros.dataSync().every((v) => v === 0)).toBe(true);
        }
      });
    });

    it.skipIf(!runsMachineCode).each(SHAPES)(
      'computes each element of [%i, %i, %i, %i] alone',
      (...shape) => {
        const values = exactValues(shape, 9).map((v) => 8 * v);
        values.set([NaN, Infinity, -Infinity, 0.5, 1.5, -2.5]);
        tf.tidy(() => {
          for (const x of heldIn(shape, values)) {
            for (const [name, compute, expected] of FUNCTIONS) {
              const actual = compute(x).dataSync();
              // Through a convolution what is infinite has become NaN.
              const known = x.dataSync();
              expect(Array.from(actual, positive), name).toEqual(
                Array.from(known, (v) => positive(expected(v))),
              );
            }
          }
        });
      },
    );

    it.skipIf(!runsMachineCode).each(SHAPES)(
      'chooses, subtracts and squares, and takes gradients of [%i, %i, %i, %i]',
      (...shape) => {
        const [a, b] = [exactValues(shape, 10), exactValues(shape, 11)];
        const coarse = (v: number): number => positive(Math.round(4 * v) / 4);
        const [p, q] = [a.map(coarse), b.map(coarse)];
        const dy = exactValues(shape, 12).map(coarse);
        tf.tidy(() => {
          const truth = tf.greater(tf.tensor(a, [...shape]), 0);
          for (const x of heldIn(shape, p)) {
            for (const y of heldIn(shape, q)) {
              const chosen = tf.where(truth, x, y).dataSync();
              expect(Array.from(chosen)).toEqual(Array.from(p, (v, i) => (a[i] > 0 ? v : q[i])));
              const squares = tf.squaredDifference(x, y).dataSync();
              expect(Array.from(squares)).toEqual(Array.from(p, (v, i) => (v - q[i]) ** 2));
            }
            const gradientOf = (f: (t: tf.Tensor) => tf.Tensor): number[] =>
              Array.from(
                tf
                  .grad(f)(x, tf.tensor(dy, [...shape]))
                  .dataSync(),
                positive,
              );
            const by = (slope: (v: number) => number): number[] =>
              Array.from(p, (v, i) => positive(dy[i] * slope(v)));
            expect(gradientOf(tf.relu)).toEqual(by((v) => (v > 0 ? 1 : 0)));
            expect(gradientOf((t) => tf.leakyRelu(t, 0.25))).toEqual(by((v) => (v > 0 ? 1 : 0.25)));
            expect(gradientOf((t) => tf.clipByValue(t, -0.5, 0.5))).toEqual(
              by((v) => (Math.abs(v) <= 0.5 ? 1 : 0)),
            );
            expect(gradientOf((t) => tf.relu6(tf.mul(t, 8)))).toEqual(
              by((v) => (v > 0 && 8 * v <= 6 ? 8 : 0)),
            );
            const elu = gradientOf(tf.elu);
            const eluBound = precision === 'bf16' ? 2 ** -7 : 1e-6;
            p.forEach((v, i) => {
              const error = Math.abs(elu[i] - dy[i] * Math.min(1, Math.exp(v)));
              expect(error).toBeLessThanOrEqual(eluBound);
            });
          }
        });
      },
    );
  });
}
