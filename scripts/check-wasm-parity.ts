/**
 * Compares training on the WASM backend with the pure-JavaScript one: the loss and every gradient of both nets on one
 * batch with the same dropout masks, and the speed of the same steps. Where the value before a ReLU is zero but for
 * rounding, WASM's gradient takes the side that JavaScript's took (see lib/reluSides.ts). Writes
 * results/wasm-parity.json, and samples of the JavaScript backend's values to test/golden/wasm-parity/. The JavaScript
 * backend takes some minutes.
 *
 *   npx tsx scripts/check-wasm-parity.ts
 */
import { join } from 'node:path';
import { NETS } from '../src/nets/index.js';
import { writeFileAtomic } from '../src/util/files.js';
import { compareSteps, trainingStep } from './lib/parity.js';
import { imposeSides, recordSides } from './lib/reluSides.js';
import { writeResults } from './lib/results.js';
import type { Figure } from './lib/results.js';
import { sampleStep } from './lib/stepSamples.js';

/** Largest relative error that counts as equal. */
const TOLERANCE = 1e-4;
const BATCH = 4;

const golden = join(import.meta.dirname, '..', 'test', 'golden', 'wasm-parity');
const figures: Record<string, Figure> = {};
let passed = true;

for (const { name: net, build } of Object.values(NETS)) {
  const { result: js, sides } = await recordSides(() =>
    trainingStep('cpu', { build, batch: BATCH, steps: 1 }),
  );
  const { result: wasm, flips } = await imposeSides('wasm', sides, () =>
    trainingStep('wasm', { build, batch: BATCH, steps: 1 }),
  );
  const timed = await trainingStep('wasm', { build, batch: BATCH, steps: 6 });
  const comparisons = compareSteps(wasm, js);
  console.log(
    `\n${net}, batch of ${BATCH}: WASM against plain JavaScript, largest difference / largest value`,
  );
  for (const { name, relativeError } of comparisons) {
    const mark = relativeError <= TOLERANCE ? '' : `  over ${TOLERANCE}`;
    console.log(`  ${name.padEnd(20)} ${relativeError.toExponential(2)}${mark}`);
  }
  const worst = comparisons.reduce((a, b) => (b.relativeError > a.relativeError ? b : a));
  const ratio = timed.imagesPerSecond / js.imagesPerSecond;
  const [wasmSpeed, jsSpeed] = [timed, js].map(({ imagesPerSecond }) => imagesPerSecond.toPrecision(3));
  const doubtful = sides.reduce((sum, layer) => sum + layer.length, 0);
  console.log(`  worst: ${worst.name}`);
  console.log(
    `  ReLU inputs that are zero but for rounding: ${doubtful}, of which WASM rounds ${flips} otherwise`,
  );
  console.log(`  training: ${wasmSpeed} images/s, JavaScript ${jsSpeed}: ${ratio.toFixed(0)} times`);
  passed &&= worst.relativeError <= TOLERANCE;
  figures[net] = {
    loss: { wasm: wasm.loss, js: js.loss },
    reluInputsNearZero: { doubtful, roundedOtherwise: flips },
    worst: { tensor: worst.name, relativeError: worst.relativeError },
    imagesPerSecond: { wasm: timed.imagesPerSecond, js: js.imagesPerSecond, ratio },
    relativeErrors: Object.fromEntries(comparisons.map(({ name, relativeError }) => [name, relativeError])),
  };
  writeFileAtomic(join(golden, `${net}.json`), `${JSON.stringify({ ...sampleStep(js), sides })}\n`);
}

console.log(
  `\nWrote ${writeResults('wasm-parity', { tolerance: TOLERANCE, batch: BATCH, passed, ...figures })}`,
);
if (!passed) {
  console.error(`Gradients differ by more than ${TOLERANCE}.`);
  process.exitCode = 1;
}
