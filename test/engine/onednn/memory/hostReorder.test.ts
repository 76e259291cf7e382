import { beforeAll, describe, expect, it } from 'vitest';
import type { OneDnnBackend } from '../../../../src/engine/onednn/backend.js';
import { ARG } from '../../../../src/engine/onednn/ffi/enums.js';
import { hostReorder, isPaddedTwice, toBf16 } from '../../../../src/engine/onednn/memory/hostReorder.js';
import { exactValues } from '../reference.js';
import { activate, describeOneDnn, instructionSet } from '../setup.js';

describe('bf16', () => {
  it('rounds to nearest, ties to even, and keeps what is special', () => {
    expect(toBf16(1)).toBe(0x3f80);
    expect(toBf16(1 + 2 ** -8)).toBe(0x3f80);
    expect(toBf16(1 + 3 * 2 ** -8)).toBe(0x3f82);
    expect(toBf16(-Infinity)).toBe(0xff80);
    expect(toBf16(NaN) & 0x7fff).toBeGreaterThan(0x7f80);
  });
});

describeOneDnn('conversions on the host', 'f32', () => {
  let backend: OneDnnBackend;
  beforeAll(async () => {
    backend = await activate('f32', 1);
  });

  // The layout is one of bf16, in which oneDNN computes from AVX-512 on, emulated or not.
  it.skipIf(!/avx512|avx10|amx/.test(instructionSet ?? ''))(
    'there and back through the padded layout of a convolution’s weights',
    () => {
      const { descriptors, native } = backend;
      for (const [channels, filters] of [
        [3, 16],
        [17, 10],
        [5, 7],
      ]) {
        const descs = {
          src: descriptors.any([2, channels, 7, 5], 'bf16'),
          weights: descriptors.any([filters, channels, 3, 3], 'bf16'),
          bias: null,
          dst: descriptors.any([2, filters, 7, 5], 'bf16'),
        };
        const window = { strides: [1, 1], dilations: [0, 0], padBefore: [1, 1], padAfter: [1, 1] };
        const primitive = backend.primitive(`test ${channels}`, [ARG.src, ARG.weights, ARG.dst], () => ({
          kind: 'convolution',
          descs,
          window,
          isTraining: true,
        }));
        const weights = primitive.desc(ARG.weights);
        const plain = descriptors.dense(weights.dims, 'f32');
        const values = exactValues(weights.dims, 1);
        const blocks = [plain, weights, plain].map(({ bytes }) => backend.allocate(bytes));
        const [a, b, c] = blocks.map(({ pointer }) => pointer);
        native.library.copyIn(a, new Uint8Array(values.buffer), values.byteLength);
        hostReorder(native.library, plain, a, weights, b);
        hostReorder(native.library, weights, b, plain, c);
        const result = new Float32Array(values.length);
        native.library.copyOut(new Uint8Array(result.buffer), c, result.byteLength);
        expect(result).toEqual(values);
        expect(isPaddedTwice(plain)).toBe(false);
        blocks.forEach((block) => backend.pool.release(block));
      }
    },
  );
});
