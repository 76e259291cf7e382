import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { ROWS, type ReproducedRow } from '../config/article.js';
import { flagOf } from '../config/optionSpec.js';
import { INCIDENTAL } from '../config/resumable.js';
import type { TrainConfig } from '../config/trainOptions.js';
import { amount, positiveCount, readJson, share } from '../io/json.js';
import { CifarError, UsageError } from '../util/errors.js';
import { writeFileAtomic } from '../util/files.js';
import { shown } from '../util/text.js';

/** What all rows of one table have in common. */
export interface TableSettings {
  settings: Partial<TrainConfig>;
  passes: number;
  members: number;
}

/**
 * All rows of the article, with what a table file holds of them; none of them measured when there is no such file.
 * @throws UsageError when its rows were made with other settings; CifarError when it is no such table
 */
export function readRows(path: string, wanted: TableSettings): ReproducedRow[] {
  const earlier = existsSync(path) ? readTable(path) : undefined;
  if (earlier !== undefined) checkSame(path, earlier, wanted);
  return ROWS.map((row) => {
    const measured = earlier?.rows.find(({ id }) => id === row.id)?.measured;
    return measured === undefined ? { ...row } : { ...row, measured: measuredOf(measured) };
  });
}

function measuredOf({
  loss,
  accuracy,
  note,
}: {
  loss?: number | undefined;
  accuracy: number;
  note?: string | undefined;
}): NonNullable<ReproducedRow['measured']> {
  return { ...(loss !== undefined && { loss }), accuracy, ...(note !== undefined && { note }) };
}

export function writeRows(
  path: string,
  { settings, passes, members }: TableSettings,
  rows: readonly ReproducedRow[],
): void {
  writeFileAtomic(path, `${JSON.stringify({ settings, passes, members, rows }, null, 2)}\n`);
}

const TABLE = v.looseObject({
  settings: v.looseObject({}),
  passes: positiveCount,
  members: positiveCount,
  rows: v.array(
    v.looseObject({
      id: v.string(),
      measured: v.optional(
        v.looseObject({ loss: v.optional(amount), accuracy: share, note: v.optional(v.string()) }),
      ),
    }),
  ),
});

function readTable(path: string): v.InferOutput<typeof TABLE> {
  return readJson(
    path,
    TABLE,
    (reason, cause) =>
      new CifarError(
        `${path} is not a table of cifar reproduce (${reason}): give another --name, or remove that file.`,
        { cause },
      ),
  );
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : shown(value));

function checkSame(path: string, earlier: TableSettings, wanted: TableSettings): void {
  const all = ({ settings, passes, members }: TableSettings): Record<string, unknown> => ({
    ...settings,
    passes,
    members,
  });
  const before = all(earlier);
  for (const [key, value] of Object.entries(all(wanted))) {
    if (INCIDENTAL.includes(key as keyof TrainConfig) || isDeepStrictEqual(before[key], value)) continue;
    throw new UsageError(
      `${path} holds rows made with ${flagOf(key)} ${textOf(before[key])}, but ${String(value)} is asked for now: ` +
        'give another --name, or remove that file.',
    );
  }
}
