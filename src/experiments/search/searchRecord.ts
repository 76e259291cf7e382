import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { formatConfig } from '../../config/configFile.js';
import type { TrainConfig } from '../../config/trainOptions.js';
import { readJson } from '../../io/json.js';
import { CifarError, UsageError } from '../../util/errors.js';
import { ensureFolder, writeFileAtomic, writeFileOnce } from '../../util/files.js';
import type { TrialResult } from './rungs.js';
import type { Search } from './searchFile.js';

const RECORD = v.looseObject({ sha256: v.string() });

const recordPath = (modelsDir: string, { name }: Pick<Search, 'name'>): string =>
  join(modelsDir, `${name}-search.json`);

/**
 * A search goes on from the very file that it began with, since its trials are numbered by that.
 * @throws UsageError when it has changed
 */
export function beginSearch(modelsDir: string, search: Search): void {
  const path = recordPath(modelsDir, search);
  if (!existsSync(path)) {
    ensureFolder(modelsDir);
    writeFileOnce(path, recordOf(search, []));
  }
  const { sha256 } = readJson(
    path,
    RECORD,
    (reason, cause) => new CifarError(`${path} is not the record of a search: ${reason}.`, { cause }),
  );
  if (sha256 !== search.sha256) {
    throw new UsageError(
      `The file of the search ${search.name} has changed since it began (${path}): give the changed one another name, or put it back.`,
    );
  }
}

/** Keeps what came of it: the table, and the best configuration as a file for --config. */
export function finishSearch(
  modelsDir: string,
  search: Search,
  results: readonly TrialResult[],
  best: TrainConfig,
): { record: string; config: string } {
  const record = recordPath(modelsDir, search);
  writeFileAtomic(record, recordOf(search, results));
  const config = join(modelsDir, `${search.name}-best.yaml`);
  writeFileAtomic(config, formatConfig(best));
  return { record, config };
}

const recordOf = (search: Search, results: readonly TrialResult[]): string =>
  `${JSON.stringify({ ...search, results }, null, 2)}\n`;
