import { expect, test } from 'vitest';
import { float16ToNumber, float32ToFloat16 } from '../../src/io/float16.js';

const isNaN16 = (bits: number) => (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;

test('every half-precision number survives the way to float32 and back', () => {
  const wrong: number[] = [];
  for (let bits = 0; bits < 65536; bits++) {
    const back = float32ToFloat16(float16ToNumber(bits));
    if (isNaN16(bits) ? !isNaN16(back) : back !== bits) wrong.push(bits);
  }
  expect(wrong).toEqual([]);
});

test('known values', () => {
  expect(float16ToNumber(0x3c00)).toBe(1);
  expect(float16ToNumber(0xc000)).toBe(-2);
  expect(float16ToNumber(0x7bff)).toBe(65504);
  expect(float16ToNumber(0x0001)).toBe(2 ** -24);
  expect(float16ToNumber(0x0400)).toBe(2 ** -14);
});

test('between neighbours it takes the nearest, at the middle the even one', () => {
  const wrong: number[] = [];
  for (let bits = 0; bits < 0x7bff; bits++) {
    const low = float16ToNumber(bits);
    const step = float16ToNumber(bits + 1) - low;
    const even = bits % 2 === 0 ? bits : bits + 1;
    for (const sign of [0, 0x8000]) {
      const s = sign === 0 ? 1 : -1;
      if (
        float32ToFloat16(s * (low + step * 0.49)) !== (sign | bits) ||
        float32ToFloat16(s * (low + step * 0.51)) !== (sign | (bits + 1)) ||
        float32ToFloat16(s * (low + step * 0.5)) !== (sign | even)
      ) {
        wrong.push(sign | bits);
      }
    }
  }
  expect(wrong).toEqual([]);
});

test('beyond the range', () => {
  expect(float32ToFloat16(65519.99)).toBe(0x7bff);
  expect(float32ToFloat16(65520)).toBe(0x7c00);
  expect(float32ToFloat16(-1e30)).toBe(0xfc00);
  expect(float32ToFloat16(1e-30)).toBe(0);
  expect(float32ToFloat16(-1e-30)).toBe(0x8000);
});
