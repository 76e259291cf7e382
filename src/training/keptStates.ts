import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type RunFolder, keptState } from '../runs/runFolder.js';
import { ensureFolder, partName, writeError } from '../util/files.js';

/** What a state is made of: the checkpoint, and the models of its best and its last measured epoch. */
const PARTS = ['checkpoint', 'best', 'last'] as const;

/** Copies what of a state is there into a folder. */
export function copyState(from: RunFolder, to: string): void {
  for (const part of PARTS) {
    if (existsSync(from[part])) cpSync(from[part], join(to, basename(from[part])), { recursive: true });
  }
}

/** Keeps a run's state as it is now, after so many epochs, unless it has been kept; the copy appears whole. */
export function keepState(folder: RunFolder, epoch: number): void {
  const target = keptState(folder, epoch).path;
  if (existsSync(target) || !existsSync(folder.checkpoint)) return;
  const part = partName(target);
  try {
    ensureFolder(folder.kept);
    mkdirSync(part);
    copyState(folder, part);
    renameSync(part, target);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    throw writeError(target, error);
  }
}
