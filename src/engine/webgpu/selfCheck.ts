import * as tf from '@tensorflow/tfjs-core';
import {
  adamUpdateAll,
  batchNormTraining,
  convBiasActivation,
  denseBiasActivation,
  gelu,
  lerpAll,
  movingMoments,
  muonUpdateAll,
  seededDropout,
  silu,
  scaleAll,
  sgdUpdateAll,
  softmaxCrossEntropy,
} from '../ops/index.js';

/** Small tensors whose values are the same everywhere. */
type Random = (shape: number[], name: number) => tf.Tensor;

interface Case {
  /** Kernels whose fault it would be. */
  name: string;
  make: () => tf.Tensor | tf.Tensor[];
  /** Largest difference, over the largest value. */
  tolerance: number;
}

/** Values between −1 and 1 by a generator of Lehmer's. */
const random: Random = (shape, name) => {
  let state = 1 + name * 7919;
  const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => {
    state = (state * 48271) % 2147483647;
    return state / 1073741823.5 - 1;
  });
  return tf.tensor(values, shape);
};

/** The outputs, and the gradients of the sum of their products with fixed factors. */
function withGradients(inputs: tf.Tensor[], compute: (...of: tf.Tensor[]) => tf.Tensor): tf.Tensor[] {
  const weighted = (...of: tf.Tensor[]): tf.Tensor => {
    const y = compute(...of);
    return tf.mul(y, random(y.shape, 99));
  };
  return [compute(...inputs), ...tf.grads(weighted)(inputs)];
}

const UPDATED = [[5], [3, 3, 4, 40], [3, 3, 4, 40], [1, 1, 70, 90]];
const group = (name: number): tf.Tensor[] => UPDATED.map((shape, i) => random(shape, 10 * name + i));
const positive = (name: number): tf.Tensor[] => group(name).map((tensor) => tf.abs(tensor));
const rates = UPDATED.map((_, i) => 0.01 * (i + 1));

function updated({ groups, notFinite }: ReturnType<typeof adamUpdateAll>): tf.Tensor[] {
  notFinite?.dispose();
  return groups.flat();
}

/** A conv net's step, from images to all gradients. */
function netStep(): tf.Tensor[] {
  const labels = tf.cast(tf.oneHot([1, 0, 3, 2], 4) as tf.Tensor2D, 'float32');
  const weights = [
    tf.mul(random([3, 3, 3, 8], 1), 0.3),
    random([8], 2),
    tf.mul(random([3, 3, 8, 16], 3), 0.2),
    random([16], 4),
    tf.mul(random([16 * 9, 4], 5), 0.1),
    random([4], 6),
  ];
  const loss = (...[w1, b1, w2, offset, head, bias]: tf.Tensor[]): tf.Tensor => {
    const x = random([4, 13, 13, 3], 7) as tf.Tensor4D;
    const hidden = convBiasActivation(x, w1 as tf.Tensor4D, b1 as tf.Tensor1D, { activation: 'relu' });
    const pooled: tf.Tensor4D = tf.maxPool(
      convBiasActivation(hidden, w2 as tf.Tensor4D, null),
      2,
      2,
      'valid',
    );
    const { y } = batchNormTraining(pooled, tf.ones([16]), offset as tf.Tensor1D, 1e-3);
    const small = tf.maxPool(gelu(seededDropout(y, 0.2, 3, 4)), 2, 2, 'valid');
    const flat = tf.reshape<tf.Rank.R2>(small, [4, -1]);
    const logits = denseBiasActivation(flat, head as tf.Tensor2D, bias as tf.Tensor1D);
    return tf.mean(softmaxCrossEntropy(logits, labels, 0.1).losses);
  };
  return [loss(...weights), ...tf.grads(loss)(weights)];
}

/** Convolutions: at an odd border, in steps, over several tiles and parts. */
const CONVOLUTIONS: Case[] = (
  [
    [[2, 7, 5, 3], [3, 3, 3, 6], 1, 'same', true],
    [[2, 9, 8, 5], [2, 3, 5, 4], 2, 'valid', false],
    [[3, 17, 17, 24], [3, 3, 24, 70], 1, 'same', true],
  ] as const
).map(([x, w, strides, pad, hasBias]) => ({
  name: `convolution of [${x.join(', ')}] by [${w.join(', ')}]`,
  make: () =>
    withGradients([random([...x], 1), random([...w], 2), ...(hasBias ? [random([w[3]], 3)] : [])], (...of) =>
      convBiasActivation(
        of[0] as tf.Tensor4D,
        of[1] as tf.Tensor4D,
        (of[2] as tf.Tensor1D | undefined) ?? null,
        {
          ...{ strides, pad, activation: hasBias ? 'relu' : 'linear' },
        },
      ),
    ),
  tolerance: 1e-5,
}));

const CASES: readonly Case[] = [
  ...CONVOLUTIONS,
  {
    name: 'max pooling',
    // Of few values, such that many are equal.
    make: () =>
      withGradients([tf.round(tf.mul(random([2, 9, 7, 5], 1), 3))], (x) =>
        tf.maxPool(x as tf.Tensor4D, [3, 2], 2, 'same'),
      ),
    tolerance: 1e-5,
  },
  {
    name: 'batch normalisation',
    make: () =>
      withGradients(
        [tf.add(random([3, 20, 9, 70], 1), 30), random([70], 2), random([70], 3)],
        (...of) => batchNormTraining(of[0], of[1] as tf.Tensor1D, of[2] as tf.Tensor1D, 1e-3).y,
      ),
    tolerance: 1e-4,
  },
  {
    name: 'normalisation of a network in use',
    make: () => {
      const variance = tf.add<tf.Tensor1D>(tf.abs(random([70], 3)), 0.1);
      const [mean, offset, scale] = [2, 4, 5].map((name) => random([70], name) as tf.Tensor1D);
      return tf.batchNorm(random([3, 9, 7, 70], 1) as tf.Tensor4D, mean, variance, offset, scale, 1e-3);
    },
    tolerance: 1e-5,
  },
  { name: 'GELU', make: () => withGradients([tf.mul(random([777], 1), 5)], (x) => gelu(x)), tolerance: 1e-5 },
  { name: 'SiLU', make: () => withGradients([tf.mul(random([777], 1), 5)], (x) => silu(x)), tolerance: 1e-5 },
  {
    name: 'sum of activations',
    make: () => withGradients([random([3, 333], 1)], (x) => tf.add(gelu(x), silu(x))),
    tolerance: 1e-5,
  },
  {
    name: 'dropout',
    make: () => withGradients([random([3, 333], 1)], (x) => seededDropout(x, 0.3, 5, -7)),
    tolerance: 1e-6,
  },
  {
    name: 'dense layer',
    make: () =>
      withGradients([random([33, 70], 1), random([70, 40], 2), random([40], 3)], (...of) =>
        denseBiasActivation(of[0] as tf.Tensor2D, of[1] as tf.Tensor2D, of[2] as tf.Tensor1D, 'relu'),
      ),
    tolerance: 1e-5,
  },
  {
    name: 'sums by channel',
    make: () => [tf.sum(random([2, 50, 60, 7], 1), [0, 1, 2]), tf.sum(random([100, 70], 2), 0)],
    tolerance: 1e-5,
  },
  {
    name: 'cross-entropy',
    make: () => {
      const labels = tf.cast(tf.oneHot([1, 0, 3, 9], 10) as tf.Tensor2D, 'float32');
      return withGradients(
        [tf.mul(random([4, 10], 1), 20)],
        (x) => softmaxCrossEntropy(x as tf.Tensor2D, labels, 0.2).losses,
      );
    },
    tolerance: 1e-5,
  },
  {
    name: 'Adam',
    make: () =>
      updated(
        adamUpdateAll(group(1), group(2), positive(3), group(4), {
          ...{ learningRates: rates, beta1: 0.9, beta2: 0.99, epsilon: 1e-7 },
        }),
      ),
    tolerance: 1e-5,
  },
  {
    name: 'SGD',
    make: () =>
      updated(
        sgdUpdateAll(group(1), group(2), group(3), {
          ...{ learningRates: rates, weightDecays: rates, momentum: 0.85, nesterov: true },
        }),
      ),
    tolerance: 1e-5,
  },
  {
    name: 'Muon',
    make: () => {
      const filters = (name: number): tf.Tensor[] => group(name).slice(1);
      const attrs = { learningRates: rates.slice(1), momentum: 0.6, steps: 3 };
      return [
        ...updated(muonUpdateAll(filters(1), filters(2), filters(3), attrs)),
        ...updated(
          muonUpdateAll(filters(1), filters(2), filters(3), { ...attrs, rescales: false, decay: 2 }),
        ),
      ];
    },
    tolerance: 1e-4,
  },
  {
    name: 'running averages',
    make: () => [
      ...lerpAll(group(1), group(2), 0.3),
      ...updated(scaleAll(group(1), 0.3)),
      ...Object.values(
        movingMoments(
          { mean: random([70], 1), variance: random([70], 2) },
          { mean: random([70], 3), variance: random([70], 4) },
          { momentum: 0.6, varianceFactor: 1.5 },
        ),
      ),
    ],
    tolerance: 1e-5,
  },
  { name: 'the step of a small net', make: netStep, tolerance: 1e-4 },
];

async function valuesOf({ make }: Case): Promise<Float32Array[]> {
  const made = tf.tidy(() => [make()].flat());
  const values = await Promise.all(made.map(async (tensor) => (await tensor.data()) as Float32Array));
  tf.dispose(made);
  return values;
}

/** The largest difference over the largest value; Infinity where one is not a number. */
function difference(actual: Float32Array, expected: Float32Array): number {
  let most = 0;
  let largest = 0;
  expected.forEach((value, i) => {
    // Written so that NaN counts.
    if (!(Math.abs(actual[i] - value) <= most)) most = Math.abs(actual[i] - value);
    largest = Math.max(largest, Math.abs(value));
  });
  return Number.isNaN(most) ? Infinity : most / Math.max(largest, 1e-30);
}

/** A NaN must not be lost on the way, nor in the update: compilers may suppose that there is none. */
async function losesNaN(): Promise<boolean> {
  const [y, { groups, notFinite }] = tf.tidy(() => {
    const x = tf.tensor4d([NaN, 1, 2, 3], [1, 2, 2, 1]);
    const same = tf.tensor4d([1], [1, 1, 1, 1]);
    const activated = convBiasActivation(x, same, tf.zeros([1]), { activation: 'relu' });
    const gradients = [tf.tensor1d([1, NaN])];
    const parameters = [tf.zeros([2])];
    const attrs = { learningRates: [1], weightDecays: [0], momentum: 0, nesterov: false };
    const all = sgdUpdateAll(parameters, [tf.zeros([2])], gradients, attrs);
    return [activated, { groups: all.groups.map((one) => [...one]), notFinite: all.notFinite }] as const;
  });
  const [first] = await y.data();
  const flag = await notFinite?.data();
  tf.dispose([y, groups, notFinite] as tf.TensorContainer);
  return !Number.isNaN(first) || flag?.[0] !== 1;
}

/**
 * The length of the difference over that of the values: where numbers are rounded to 16 bits some that are nearly 0 or nearly the same get
 * another sign or order, and a ReLU or a maximum passes on what it should not.
 */
function distance(actual: Float32Array, expected: Float32Array): number {
  const length = (values: Float32Array): number =>
    Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  const apart = length(actual.map((value, i) => value - expected[i])) / Math.max(length(expected), 1e-30);
  return Number.isNaN(apart) ? Infinity : apart;
}

/** What a device rounds to 16 bits: nothing, what kernels give, or the factors of its products as well. */
export type Rounding = 'none' | 'results' | 'factors';

/**
 * The distance that is allowed: of a number of 16 bits, which has 11 digits of two, each rounding loses at most 2^-12; a wrong kernel is as
 * far off as its values are large.
 */
const TOLERANCES = { results: 2 ** -8, factors: 2 ** -4 };

/**
 * Computes small cases of every kernel of training on a graphics device and on the processor.
 * @param useReference makes plain JavaScript the current backend
 * @param useDevice makes the device the current backend
 * @param rounding of the device's
 * @returns what is wrong, naming the kernel; undefined when nothing is
 */
export async function findFault(
  useReference: () => Promise<void>,
  useDevice: () => Promise<void>,
  rounding: Rounding,
): Promise<string | undefined> {
  await useReference();
  const expected: Float32Array[][] = [];
  for (const one of CASES) expected.push(await valuesOf(one));
  await useDevice();
  for (const [i, one] of CASES.entries()) {
    const actual = await valuesOf(one);
    const [measure, tolerance] =
      rounding === 'none' ? [difference, one.tolerance] : [distance, TOLERANCES[rounding]];
    const worst = Math.max(...expected[i].map((values, j) => measure(actual[j], values)));
    if (worst > tolerance) {
      return `${one.name} is computed wrongly: off by ${worst.toExponential(1)} where ${tolerance} is allowed`;
    }
    const again = await valuesOf(one);
    if (actual.some((values, j) => values.some((value, at) => value !== again[j][at]))) {
      return `${one.name} gives other bits each time`;
    }
  }
  return (await losesNaN()) ? 'a value that is not a number gets lost' : undefined;
}
