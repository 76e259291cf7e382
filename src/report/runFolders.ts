import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { keptModel } from '../runs/keptModel.js';
import { type RunFolder, runFolder } from '../runs/runFolder.js';

/** What a folder holds that is, or will be, a run. */
const SIGNS = ['run.json', 'owner.json', 'config.yaml', 'checkpoint.safetensors'];

/**
 * All runs of a folder by their names, those that are being begun or were cut off among them, and the network that comes with the
 * program.
 */
export function runFolders(modelsDir: string): Map<string, RunFolder> {
  const entries = existsSync(modelsDir) ? readdirSync(modelsDir) : [];
  const own = entries
    .filter((name) => !name.endsWith('.part'))
    .map((name) => runFolder(join(modelsDir, name)))
    .filter(({ path }) => SIGNS.some((file) => existsSync(join(path, file))));
  const kept = keptModel();
  const all = own.some(({ name }) => name === kept.name) || !existsSync(kept.record) ? own : [...own, kept];
  return new Map(all.map((folder) => [folder.name, folder]));
}
