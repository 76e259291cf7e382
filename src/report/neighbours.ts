import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { count, readJson } from '../io/json.js';
import { keptModel } from '../runs/keptModel.js';
import { CifarError } from '../util/errors.js';
import type { NearDuplicates } from './types.js';

/** What the network that comes with the program finds alike: files beside it, made by scripts/find-duplicates.ts. */
const fileOf = (name: string): string => join(keptModel().path, name);

const NEAR_DUPLICATES = v.object({
  how: v.string(),
  pairs: v.array(v.object({ test: count, train: count, alike: v.number() })),
}) satisfies v.GenericSchema<NearDuplicates>;

/** Pairs of a test image and a training image that show the same; none where they have not been looked for. */
export function nearDuplicates(): NearDuplicates {
  const path = fileOf('near-duplicates.json');
  if (!existsSync(path)) return { how: 'not looked for', pairs: [] };
  return readJson(
    path,
    NEAR_DUPLICATES,
    (reason, cause) => new CifarError(`${path} is damaged: ${reason}.`, { cause }),
  );
}

/** For each test image the numbers of the training images that are most like it; undefined where nobody has looked. */
export function neighbours(): Uint8Array | undefined {
  const path = fileOf('neighbours.bin');
  return existsSync(path) ? readFileSync(path) : undefined;
}
