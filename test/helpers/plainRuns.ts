import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const GOLDEN = new URL('../golden/runs/0.1.0/', import.meta.url);

/** A run's record of the first version, as JSON, with fields changed. */
export function plainRecord(changed: Record<string, unknown> = {}): Record<string, unknown> {
  const record = JSON.parse(readFileSync(new URL('run.json', GOLDEN), 'utf8')) as Record<string, unknown>;
  return { ...record, ...changed };
}

/** Makes a run's folder without training: its record, and a history of so many epochs. */
export function plainRun(
  modelsDir: string,
  name: string,
  { epochs = 2, ...changed }: { epochs?: number } & Record<string, unknown> = {},
): string {
  const folder = join(modelsDir, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'run.json'), JSON.stringify(plainRecord(changed)));
  writeFileSync(join(folder, 'history.jsonl'), '');
  for (let epoch = 0; epoch < epochs; epoch++) addEpoch(folder, epoch);
  return folder;
}

/** What training adds to a history at an epoch's end. */
export function addEpoch(folder: string, epoch: number, validationAccuracy = 0.4): void {
  const record = {
    ...{ epoch, epochsTrained: epoch + 1, trainLoss: 2 / (epoch + 1), trainAccuracy: 0.5 },
    ...{ validationLoss: 1.5, validationAccuracy, learningRate: 0.001, seconds: 3, imagesPerSecond: 20 },
  };
  appendFileSync(join(folder, 'history.jsonl'), `${JSON.stringify(record)}\n`);
}
