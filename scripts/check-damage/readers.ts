import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readConfigFile } from '../../src/config/configFile.js';
import { resolveTrainConfig } from '../../src/config/resolveTrainConfig.js';
import { loadAugment } from '../../src/dataset/augment/index.js';
import { CIFAR10 } from '../../src/dataset/cifar10.js';
import { canonicalFiles } from '../../src/dataset/descriptor.js';
import { verify } from '../../src/dataset/verify.js';
import { readMember } from '../../src/ensembles/members.js';
import { selectBackend } from '../../src/engine/select.js';
import { earlierPrediction, savePredictions } from '../../src/evaluation/predictionFile.js';
import { predictPass } from '../../src/evaluation/predict.js';
import { readRows, writeRows } from '../../src/experiments/reproducedTable.js';
import { ROWS } from '../../src/config/article.js';
import { saveModel } from '../../src/io/modelFiles.js';
import { NETS, logitsModel } from '../../src/nets/index.js';
import { namedWeights } from '../../src/nets/namedWeights.js';
import { curvesChart } from '../../src/plots/curves.js';
import { readHistory } from '../../src/runs/history.js';
import { openModel } from '../../src/runs/openModel.js';
import { Owner } from '../../src/runs/owner.js';
import { runFolder } from '../../src/runs/runFolder.js';
import { readRunRecord } from '../../src/runs/runRecord.js';
import { loadCheckpoint, saveCheckpoint } from '../../src/training/checkpoint.js';
import { createOptimizer } from '../../src/training/optimizer.js';
import { freshPosition } from '../../src/training/position.js';
import type { BatchSource } from '../../src/dataset/batches/index.js';

/** A kind of file, and what the commands do when they read one. */
export interface Kind {
  name: string;
  /** Of the file that is damaged. */
  path: string;
  isJson: boolean;
  read(index: number): unknown;
  /** Share of all the variants. */
  weight: number;
}

const GOLDEN = join(import.meta.dirname, '../../test/golden/runs/0.1.0');

/** Makes one good file of each kind in a folder of its own, and says how each is read. */
export async function kinds(): Promise<Kind[]> {
  await selectBackend('wasm');
  const root = mkdtempSync(join(tmpdir(), 'cifar-damage-'));
  const run = runFolder(join(root, 'models', 'run'));
  cpSync(GOLDEN, run.path, { recursive: true });
  const history = readHistory(run);

  const config = resolveTrainConfig({ model: 'fast-proxy' });
  const build = (model: keyof typeof NETS) => NETS[model].build({ seed: 1, dataset: CIFAR10 });
  const net = build('fast-proxy');
  const weights = namedWeights(net);
  const state = {
    net: { weights },
    optimizer: createOptimizer(config, weights, 1),
    average: undefined,
    hardImages: undefined,
  };
  const training = runFolder(join(root, 'models', 'training'));
  await saveCheckpoint(training, state, { ...freshPosition(3), epoch: history.length, history });

  const own = join(root, 'own');
  const small = build('fast-proxy');
  await saveModel(small, own, { net: 'fast-proxy', classNames: [...CIFAR10.classNames] });
  const foreign = join(root, 'foreign');
  const bench = build('bench');
  await saveModel(bench, foreign);
  // A graph whose layers name each other.
  const kept = join(root, 'kept');
  cpSync(join(import.meta.dirname, '../../models/cifar10-fast96/last'), kept, { recursive: true });
  for (const model of [small, bench]) model.dispose();

  const predictions = join(root, 'predictions');
  mkdirSync(predictions);
  const probabilities = new Float32Array(200).fill(0.1);
  const source = { run: 'run', weights: 'last', weightsFile: 'w.bin', images: 20 } as const;
  const figures = { plainAccuracy: 0.1, accuracy: 0.1, forwards: 2 };
  const views = { preset: 'flip', share: 1 } as const;
  savePredictions(predictions, 'pred_0', probabilities, { ...source, ...figures, method: views });
  const alone = join(root, 'alone.npy');
  copyFileSync(join(predictions, 'pred_0.npy'), alone);
  const labels = { count: 20, dataset: CIFAR10 };

  const table = join(root, 'table.json');
  const settings = { settings: { epochs: 2 }, passes: 5, members: 2 };
  writeRows(
    table,
    settings,
    ROWS.map((row) => ({ ...row, measured: { loss: 1, accuracy: 0.5 } })),
  );
  const augment = join(root, 'mine.json');
  writeFileSync(
    augment,
    JSON.stringify({ rotationDegrees: 20, zoom: [0.8, 1.2], horizontalFlip: 0.5, cutout: 8 }),
  );
  const yaml = join(root, 'config.yaml');
  copyFileSync(run.config, yaml);
  const owned = join(root, 'owned');
  mkdirSync(owned);
  const owner = Owner.acquire(owned);
  const dead = readFileSync(join(owned, 'owner.json'), 'utf8').replace(/"pid": \d+/, '"pid": 4194303');
  owner.release();
  writeFileSync(join(owned, 'owner.json'), dead);
  const [batch] = canonicalFiles(CIFAR10);
  const data = join(root, 'data');
  mkdirSync(data);
  writeFileSync(join(data, batch.name), 'short');

  const model = (folder: string) => async () => {
    const { model: opened } = await openModel(folder, CIFAR10);
    try {
      await predictPass(logitsModel(opened), twoImages(), 0, Uint32Array.of(0, 1));
    } finally {
      opened.dispose();
    }
  };
  const weightsOf = (folder: string): string => {
    const json = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as {
      weightsManifest: { paths: string[] }[];
    };
    return join(folder, json.weightsManifest[0].paths[0]);
  };
  return [
    { name: 'run.json', path: run.record, isJson: true, weight: 18, read: () => readRunRecord(run) },
    {
      name: 'config.yaml',
      path: yaml,
      isJson: false,
      weight: 12,
      read: () => resolveTrainConfig(readConfigFile(yaml)),
    },
    { name: 'augmentation', path: augment, isJson: true, weight: 8, read: () => loadAugment(augment) },
    {
      name: 'history.jsonl',
      path: run.historyJsonl,
      isJson: true,
      weight: 12,
      read: async (index) => {
        const epochs = readHistory(run);
        if (index % 20 === 0 && epochs.length > 0) await curvesChart(epochs, 'run', 'test');
      },
    },
    {
      name: 'checkpoint.safetensors',
      path: training.checkpoint,
      isJson: false,
      weight: 16,
      read: () => loadCheckpoint(training, state),
    },
    {
      name: 'model.json of a net of ours',
      path: join(own, 'model.json'),
      isJson: true,
      weight: 6,
      read: model(own),
    },
    {
      name: 'model.json of a graph',
      path: join(kept, 'model.json'),
      isJson: true,
      weight: 3,
      read: model(kept),
    },
    {
      name: 'model.json of a stack',
      path: join(foreign, 'model.json'),
      isJson: true,
      weight: 6,
      read: model(foreign),
    },
    { name: 'weights', path: weightsOf(own), isJson: false, weight: 3, read: model(own) },
    {
      name: '.npy with a record',
      path: join(predictions, 'pred_0.npy'),
      isJson: false,
      weight: 3,
      read: () => readMember(join(predictions, 'pred_0.npy'), labels),
    },
    { name: '.npy', path: alone, isJson: false, weight: 10, read: () => readMember(alone, labels) },
    {
      name: 'record of an array',
      path: join(predictions, 'pred_0.json'),
      isJson: true,
      weight: 8,
      read: () => {
        earlierPrediction(predictions, 'pred_0', 'run');
        readMember(join(predictions, 'pred_0.npy'), labels);
      },
    },
    {
      name: 'table of reproduce',
      path: table,
      isJson: true,
      weight: 6,
      read: () => readRows(table, settings),
    },
    {
      name: 'owner.json',
      path: join(owned, 'owner.json'),
      isJson: true,
      weight: 4,
      read: () => Owner.acquire(owned).release(),
    },
    {
      name: 'data batch',
      path: join(data, batch.name),
      isJson: false,
      weight: 1,
      read: () => verify(CIFAR10, data, batch),
    },
  ];
}

function twoImages(): BatchSource {
  const images = new Float32Array(2 * 32 * 32 * 3).fill(0.5);
  return {
    batches: async function* () {
      await Promise.resolve();
      yield { images, labels: new Uint8Array(2), release: () => undefined };
    },
    close: () => Promise.resolve(),
  } as unknown as BatchSource;
}

export function restore(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}
