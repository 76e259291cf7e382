import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../src/util/sha256.js';

/** SHA-256 of the weights of a run's last model. */
export function weightsSum(run: string): string {
  const model = join(run, 'last');
  const files = readdirSync(model).filter((name) => name.endsWith('.bin'));
  return files.map((name) => sha256(readFileSync(join(model, name)))).join(' ');
}
