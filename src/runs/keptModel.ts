import { fileURLToPath } from 'node:url';
import { type RunFolder, runFolder } from './runFolder.js';

/** The trained network that comes with the program, wherever that is called from. */
export function keptModel(): RunFolder {
  return runFolder(fileURLToPath(new URL('../../models/cifar10-fast96', import.meta.url)));
}
