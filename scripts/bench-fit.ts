/**
 * tfjs's `model.fit` on models of stock layers, by oneDNN and by tfjs's WebAssembly backend with this program's kernels for training, taking turns on a
 * machine that does nothing else: medians.
 *
 *     npx tsx scripts/bench-fit.ts [--models convolutional,separable,upsampling,recurrent] [--precision f32] [--rounds 3] [--save]
 *
 * Batches of 128 of 10,000 images, Adam, both on two threads. A turn is a few steps, of which the first are not counted. --save keeps the figures in
 * results/fit.json.
 */
import { parseArgs } from 'node:util';
import { median } from '../src/util/statistics.js';
import { Contestant } from './bench-engine/protocol.js';
import { BATCH, STOCK_MODELS, type StockModel } from './bench-fit/stockModels.js';
import { ratiosOf } from './lib/besideFastest.js';
import { type Figure, writeResults } from './lib/results.js';
import { rounded } from './lib/rounded.js';

const { values } = parseArgs({
  options: {
    models: { type: 'string', default: Object.keys(STOCK_MODELS).join(',') },
    precision: { type: 'string', default: 'f32' },
    rounds: { type: 'string', default: '3' },
    save: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
if (!(Number.isInteger(rounds) && rounds >= 1)) throw new RangeError('--rounds needs an integer from 1.');

const BACKENDS = ['onednn', 'wasm'] as const;

interface Measured {
  [name: string]: Figure;
  model: StockModel;
  imagesPerSecond: number;
  /** Times those of the WebAssembly backend, or why that has none. */
  overWasm: number | string;
}

async function measure(model: StockModel): Promise<Measured> {
  const contestants = BACKENDS.map(
    (backend) =>
      new Contestant(
        backend,
        process.execPath,
        ['--import', 'tsx', 'scripts/bench-fit/steps.ts', backend, values.precision, model],
        { OMP_NUM_THREADS: '2' },
      ),
  );
  const seconds = { onednn: [] as number[], wasm: [] as number[] };
  let failure: string | undefined;
  for (let round = 0; round <= rounds; round++) {
    for (const [i, backend] of BACKENDS.entries()) {
      if (backend === 'wasm' && failure !== undefined) continue;
      const answer = await contestants[i].ask<{ seconds: number } | { reason: string }>('step');
      if ('seconds' in answer) {
        if (round > 0) seconds[backend].push(answer.seconds);
      } else if (backend === 'wasm') failure = answer.reason;
      else throw new Error(answer.reason);
    }
  }
  for (const contestant of contestants) await contestant.end();
  return {
    model,
    imagesPerSecond: Math.round(BATCH / median(seconds.onednn)),
    overWasm: failure ?? rounded(median(ratiosOf(seconds.wasm, seconds.onednn)), 2),
  };
}

const measured: Measured[] = [];
for (const model of values.models.split(',') as StockModel[]) {
  if (!(model in STOCK_MODELS))
    throw new Error(`--models: expected some of ${Object.keys(STOCK_MODELS).join(', ')}, got ${model}.`);
  measured.push(await measure(model));
  console.log(JSON.stringify(measured.at(-1)));
}
if (values.save) console.log(writeResults('fit', { precision: values.precision, measured }));
