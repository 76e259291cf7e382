import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensors } from '../../src/io/safetensors.js';
import { readHistory } from '../../src/runs/history.js';
import { type RunFolder, runFolder } from '../../src/runs/runFolder.js';
import { readRunRecord } from '../../src/runs/runRecord.js';
import { ROOT } from './earlierProgram.js';

/** A training of some seconds in which all that a run writes is written often. */
export const SMALL = [
  ...['train', '--model', 'fast-proxy', '--backend', 'wasm', '--limit-train', '40', '--limit-test', '20'],
  ...['--batch-size', '10', '--augment', 'normal', '--tta', 'flip'],
];

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stderr: string;
}

export interface Started {
  ended: Promise<Ended>;
  kill(): void;
}

/** Starts the built program. */
export function start(args: readonly string[], cwd: string): Started {
  const child = spawn(process.execPath, [join(ROOT, 'dist/cli.js'), ...args], {
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stderr }));
  });
  return { ended, kill: () => void child.kill('SIGKILL') };
}

/** All that two runs which ended alike have in common: tensors, models, history, and how they ended. */
export function traceOf(path: string): string {
  const folder = runFolder(path);
  const { tensors } = readSafetensors(folder.checkpoint);
  const { status, last, best, tta } = readRunRecord(folder);
  const hash = createHash('sha256');
  for (const [name, { data }] of tensors) hash.update(name).update(data);
  const losses = readHistory(folder).map((epoch) => [
    ...[epoch.epoch, epoch.trainLoss, epoch.trainAccuracy, epoch.validationLoss, epoch.validationAccuracy],
  ]);
  const models = [folder.last, folder.best].map((model) =>
    readdirSync(model).filter((name) => name.endsWith('.bin')),
  );
  return JSON.stringify({ status, last, best, tta, losses, models, tensors: hash.digest('hex') });
}

/** What must be true of a run's folder at every moment, however its training ended. */
export function checkWhole(path: string): void {
  const folder: RunFolder = runFolder(path);
  if (!existsSync(folder.record)) return;
  readRunRecord(folder);
  readHistory(folder);
  if (existsSync(folder.checkpoint)) readSafetensors(folder.checkpoint);
  for (const model of [folder.last, folder.best]) {
    const json = join(model, 'model.json');
    if (!existsSync(json)) continue;
    const { weightsManifest } = JSON.parse(readFileSync(json, 'utf8')) as {
      weightsManifest: { paths: string[] }[];
    };
    for (const name of weightsManifest.flatMap(({ paths }) => paths)) {
      const sum = createHash('sha256')
        .update(readFileSync(join(model, name)))
        .digest('hex');
      if (!name.includes(sum.slice(0, 8))) throw new Error(`${name} of ${json} does not match its sum.`);
    }
  }
}
