import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  createAugmenter,
  identityParameters,
  type AugmentParameters,
} from '../../../src/dataset/augment/index.js';

interface Golden {
  images: Record<string, { height: number; width: number; offset: number }>;
  cases: { name: string; image: string; parameters: Partial<AugmentParameters>; offset: number }[];
}

const folder = new URL('../../golden/augment/', import.meta.url);
const golden = JSON.parse(readFileSync(new URL('cases.json', folder), 'utf8')) as Golden;
const bytes = new Uint8Array(readFileSync(new URL('images.bin', folder)));
const expectedBytes = new Uint8Array(readFileSync(new URL('expected.bin', folder)));

// The references come from SciPy: scripts/golden/make-augment.py.
describe('augmentation equals the one made with SciPy', () => {
  it.each(golden.cases)('$image: $name', ({ image, parameters, offset }) => {
    const { height, width, offset: srcOffset } = golden.images[image];
    const length = height * width * 3;
    const expected = new Float32Array(expectedBytes.buffer, offset, length);

    const augmenter = createAugmenter({
      imageShape: [height, width, 3],
      statistics: { means: [0, 0, 0], deviations: [1, 1, 1] },
      augment: {},
      seed: 0,
      stream: 0,
    });
    // Written behind other values, to see that neither end is overrun.
    const dst = new Float32Array(length + 2).fill(-7);
    augmenter.apply({ ...identityParameters(), ...parameters }, bytes, srcOffset, dst, 1);

    let worst = 0;
    // A NaN would stay in `worst` and fail the comparison.
    for (let k = 0; k < length; k++) worst = Math.max(worst, Math.abs(dst[k + 1] - expected[k]));
    expect(worst).toBeLessThan(1e-5);
    expect([dst[0], dst[length + 1]]).toEqual([-7, -7]);
  });
});
