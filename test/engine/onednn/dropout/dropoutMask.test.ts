import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { OneDnnBackend } from '../../../../src/engine/onednn/backend.js';
import { drawMask, planMask } from '../../../../src/engine/onednn/dropout/dropoutMask.js';
import { randomBytes } from '../../../../src/engine/onednn/dropout/randomBytes.js';
import { activate, describeOneDnn } from '../setup.js';

describe('random bytes for masks', () => {
  it('are a function of seed and counter, whatever the pieces', () => {
    const draw = (size: number, seed: number, counter: number): Buffer => {
      const pieces: Uint8Array[] = [];
      randomBytes(size, seed, counter, (piece) => pieces.push(Uint8Array.from(piece)));
      return Buffer.concat(pieces);
    };
    const first = draw(200_001, 1, 2);
    expect(first).toHaveLength(200_001);
    expect(draw(200_001, 1, 2).equals(first)).toBe(true);
    expect(draw(10, 1, 2).equals(first.subarray(0, 10))).toBe(true);
    expect(draw(10, 1, 3).equals(first.subarray(0, 10))).toBe(false);
    expect(draw(10, -1, 2).equals(first.subarray(0, 10))).toBe(false);
  });

  it('serve as many elements as the rate allows', () => {
    expect(planMask(0.25)).toEqual({ threshold: 64, bitsPerElement: 2, elementsPerByte: 4 });
    expect(planMask(0.5)).toEqual({ threshold: 128, bitsPerElement: 1, elementsPerByte: 8 });
    expect(planMask(0.75)).toEqual({ threshold: 192, bitsPerElement: 2, elementsPerByte: 4 });
    expect(planMask(0.125)).toEqual({ threshold: 32, bitsPerElement: 3, elementsPerByte: 2 });
    expect(planMask(0.1)).toEqual({ threshold: 26, bitsPerElement: 7, elementsPerByte: 1 });
    expect(planMask(0.001)).toMatchObject({ threshold: 0 });
  });
});

describeOneDnn('drawing masks', 'f32', () => {
  let backend: OneDnnBackend;
  beforeAll(async () => {
    backend = await activate('f32', 1);
  });

  function draw(size: number, rate: number): Uint8Array {
    const block = backend.allocate(size);
    drawMask(backend, block.pointer, size, rate, 3, 4);
    const mask = new Uint8Array(size);
    backend.native.library.copyOut(mask, block.pointer, size);
    backend.pool.release(block);
    return mask;
  }

  it('parts of one mask follow the bytes as the fold says', () => {
    for (const [rate, bits] of [
      [0.25, 2],
      [0.5, 1],
      [0.125, 3],
    ] as const) {
      const size = 40_007;
      const parts = Math.floor(8 / bits);
      const partSize = Math.ceil(size / parts);
      const expected = new Uint8Array(size);
      const bytes: number[] = [];
      randomBytes(partSize, 3, 4, (piece) => bytes.push(...piece));
      bytes.forEach((byte, i) => {
        let value = byte;
        let range = 256;
        for (let part = 0; part < parts; part++) {
          if (part * partSize + i < size) expected[part * partSize + i] = value < rate * range ? 0 : 1;
          for (let bit = 0; bit < bits; bit++, range /= 2) {
            value = value < range / 2 ? range / 2 - 1 - value : value - range / 2;
          }
        }
      });
      expect(Buffer.compare(Buffer.from(draw(size, rate)), Buffer.from(expected)), String(rate)).toBe(0);
    }
  });

  it('elements that share a byte are independent', () => {
    const size = 400_000;
    const mask = draw(size, 0.25);
    const partSize = size / 4;
    const patterns = new Array<number>(16).fill(0);
    for (let i = 0; i < partSize; i++) {
      let pattern = 0;
      for (let part = 0; part < 4; part++) pattern = 2 * pattern + mask[part * partSize + i];
      patterns[pattern]++;
    }
    // Each pattern as often as independence has it, within five standard deviations.
    patterns.forEach((count, pattern) => {
      const kept = pattern.toString(2).replaceAll('0', '').length;
      const p = 0.75 ** kept * 0.25 ** (4 - kept);
      expect(Math.abs(count - p * partSize)).toBeLessThan(5 * Math.sqrt(p * (1 - p) * partSize));
    });
    expect(tf.memory().numTensors).toBe(0);
  });
});
