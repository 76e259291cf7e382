/**
 * The article's `bench` under its augmentation `normal`, here and in real Keras (tf_keras with its own ImageDataGenerator; Python with it and
 * SciPy is named by --python): do loss and accuracy on the test set agree within what seeds make? What is trained already is kept.
 *
 *   npx tsx scripts/check-keras.ts --python /path/to/python [--images 50000] [--epochs 5] [--seeds 3] [--models-dir models] [--save]
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { resolveTrainConfig } from '../src/config/resolveTrainConfig.js';
import { CIFAR10 } from '../src/dataset/cifar10.js';
import { trainOnce } from '../src/ensembles/trainOnce.js';
import { readHistory } from '../src/runs/history.js';
import { SILENT } from '../src/training/reporter.js';
import { mean, sampleDeviation } from '../src/util/statistics.js';
import { ROOT } from './lib/earlierProgram.js';
import { type Figure, earlierFigures, writeResults } from './lib/results.js';

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    images: { type: 'string', default: '50000' },
    epochs: { type: 'string', default: '5' },
    seeds: { type: 'string', default: '3' },
    'models-dir': { type: 'string', default: 'models' },
    save: { type: 'boolean', default: false },
  },
});
const [images, epochs, seeds] = [values.images, values.epochs, values.seeds].map(Number);
const modelsDir = values['models-dir'];

/** By epoch, on the whole test set. */
interface Curve {
  loss: number[];
  accuracy: number[];
}

async function ours(seed: number): Promise<Curve> {
  const config = resolveTrainConfig({
    ...{ model: 'bench', augment: 'normal', epochs, seed, modelsDir },
    limitTrain: images === CIFAR10.trainImages ? 0 : images,
  });
  const name = `beside-keras-${images}-s${seed}`;
  const { folder } = await trainOnce(name, config, { dataset: CIFAR10, reporter: SILENT });
  const history = readHistory(folder);
  return {
    loss: history.map((epoch) => epoch.validationLoss ?? NaN),
    accuracy: history.map((epoch) => epoch.validationAccuracy ?? NaN),
  };
}

function keras(seed: number): Curve & { version: string } {
  mkdirSync(modelsDir, { recursive: true });
  const path = join(modelsDir, `keras-${images}-${epochs}-s${seed}.json`);
  if (!existsSync(path)) {
    const part = `${path}.part`;
    const args = ['data', images, epochs, seed, part].map(String);
    const script = join(ROOT, 'scripts/check-keras/train.py');
    const { status, stderr } = spawnSync(values.python, [script, ...args], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    renameSync(part, path);
  }
  return JSON.parse(readFileSync(path, 'utf8')) as Curve & { version: string };
}

const sides: Record<'ours' | 'keras', Curve[]> = { ours: [], keras: [] };
let version = '';
for (let seed = 1; seed <= seeds; seed++) {
  const own = await ours(seed);
  const peer = keras(seed);
  ({ version } = peer);
  sides.ours.push(own);
  sides.keras.push({ loss: peer.loss, accuracy: peer.accuracy });
  console.log(`seed ${seed}: ours ${JSON.stringify(own)}, Keras ${JSON.stringify(peer)}`);
}

/** The last epoch's figure on both sides; the difference in its own standard errors (Welch). */
function compared(figure: keyof Curve): Figure {
  const last = (curves: Curve[]): number[] => curves.map((curve) => curve[figure].at(-1) ?? NaN);
  const [own, peer] = [last(sides.ours), last(sides.keras)];
  const difference = mean(own) - mean(peer);
  const standardError = Math.sqrt(
    sampleDeviation(own) ** 2 / own.length + sampleDeviation(peer) ** 2 / peer.length,
  );
  const side = (of: number[]) => ({ mean: mean(of), deviation: sampleDeviation(of), bySeed: of });
  return { ours: side(own), keras: side(peer), difference, inStandardErrors: difference / standardError };
}

const figures = {
  ...{ version, epochs, seeds },
  ...{ loss: compared('loss'), accuracy: compared('accuracy') },
  curves: sides as unknown as Figure,
};
console.log(JSON.stringify({ loss: figures.loss, accuracy: figures.accuracy }, null, 2));
if (values.save) {
  console.log(writeResults('keras', { ...earlierFigures('keras'), [`${images} images`]: figures }));
}
