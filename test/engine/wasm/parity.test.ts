import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compareSteps, trainingStep } from '../../../scripts/lib/parity.js';
import { imposeSides, recordSides } from '../../../scripts/lib/reluSides.js';
import type { ReluSides } from '../../../scripts/lib/reluSides.js';
import { sampleStep } from '../../../scripts/lib/stepSamples.js';
import type { StepSamples } from '../../../scripts/lib/stepSamples.js';
import { NETS } from '../../../src/nets/index.js';
import { LayerStack } from '../../../src/nets/stack.js';
import type { BuildOptions } from '../../../src/nets/index.js';

/** Largest difference relative to the tensor's largest value. */
const TOLERANCE = 1e-4;

/** All kinds of layers of the two nets, few filters: the JavaScript backend takes minutes for the whole ones. */
const buildNarrow = (options: BuildOptions) =>
  new LayerStack('narrow', options)
    .conv(6, 5)
    .batchNorm()
    .conv(6)
    .maxPool()
    .dropout(0.25)
    .conv(8, 9)
    .batchNorm()
    .maxPool()
    .conv(12)
    .globalAveragePool()
    .dense(20)
    .dropout(0.5)
    .classify();

describe('training on WASM', () => {
  it('has the loss and every gradient of plain JavaScript, on a narrow net', async () => {
    const options = { build: buildNarrow, batch: 4, steps: 1 };
    const { result: js, sides } = await recordSides(() => trainingStep('cpu', options));
    // Six convolutions and a dense layer end in a ReLU.
    expect(sides).toHaveLength(7);
    const { result: wasm } = await imposeSides('wasm', sides, () => trainingStep('wasm', options));
    const comparisons = compareSteps(wasm, js);
    // The loss, six convolutions, two normalisations and two dense layers with two weights each.
    expect(comparisons).toHaveLength(1 + 2 * 10);
    for (const { name, relativeError } of comparisons) {
      expect(relativeError, name).toBeLessThanOrEqual(TOLERANCE);
    }
  });

  it.each(['bench', 'deep'] as const)('has those of plain JavaScript that were kept for %s', async (net) => {
    const path = join(import.meta.dirname, '..', '..', 'golden', 'wasm-parity', `${net}.json`);
    const expected = JSON.parse(readFileSync(path, 'utf8')) as StepSamples & { sides: ReluSides[] };
    const { result } = await imposeSides('wasm', expected.sides, () =>
      trainingStep('wasm', { build: NETS[net].build, batch: 4, steps: 1 }),
    );
    const actual = sampleStep(result);
    expect(Math.abs(actual.loss / expected.loss - 1), 'loss').toBeLessThanOrEqual(TOLERANCE);
    expect(Object.keys(actual.gradients)).toEqual(Object.keys(expected.gradients));
    for (const [name, { largest, values }] of Object.entries(expected.gradients)) {
      values.forEach((value, i) => {
        const difference = Math.abs(actual.gradients[name].values[i] - value);
        expect(difference / largest, `${name}, sample ${i}`).toBeLessThanOrEqual(TOLERANCE);
      });
    }
  });
});
