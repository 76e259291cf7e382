/**
 * Trains `bench` for real on a slice of CIFAR-10, by default 5,000 training and 2,000 test images on the portable
 * WebAssembly backend, and keeps the accuracy in results/. Options of `cifar train` may follow:
 *   npx tsx scripts/check-slice.ts [name of the result] [options]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkOptions, resolveTrainConfig } from '../src/config/resolveTrainConfig.js';
import type { TrainConfig } from '../src/config/trainOptions.js';
import { TrainProgress } from '../src/commands/trainProgress.js';
import { trainNew } from '../src/training/train.js';
import { writeResults } from './lib/results.js';
import { CIFAR10 } from '../src/dataset/cifar10.js';

const SLICE: Partial<TrainConfig> = {
  model: 'bench',
  augment: 'none',
  backend: 'wasm',
  limitTrain: 5000,
  limitTest: 2000,
  batchSize: 50,
  epochs: 8,
};

const [name = 'wasm-slice', ...rest] = process.argv.slice(2);
const given = Object.fromEntries(
  rest.map((option) => {
    const [key, value] = option.replace(/^--/, '').split('=');
    return [key.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()), value];
  }),
);
const modelsDir = mkdtempSync(join(tmpdir(), 'cifar-slice-'));
const config = resolveTrainConfig(SLICE, checkOptions(given), { modelsDir });
const { record } = await trainNew(config, name, {
  dataset: CIFAR10,
  reporter: new TrainProgress(),
});
rmSync(modelsDir, { recursive: true, force: true });
const settings: Partial<TrainConfig> = { ...config };
delete settings.modelsDir;
const path = writeResults(name, {
  settings: JSON.parse(JSON.stringify(settings)) as Record<string, string>,
  backend: record.backend.name,
  testImages: record.validationImages,
  accuracy: record.last?.accuracy ?? null,
  loss: record.last?.loss ?? null,
  bestEpochAccuracy: record.best?.accuracy ?? null,
  trainingSeconds: Math.round(record.trainingSeconds),
});
console.log(`accuracy ${((record.last?.accuracy ?? 0) * 100).toFixed(2)} %: ${path}`);
