import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { ROWS, type ReproducedRow, type RowId } from '../config/article.js';
import { flagOf } from '../config/optionSpec.js';
import { INCIDENTAL } from '../config/resumable.js';
import type { LessonSize } from '../config/lesson.js';
import type { TrainConfig } from '../config/trainOptions.js';
import { amount, positiveCount, readJson, share } from '../io/json.js';
import { CifarError, UsageError } from '../util/errors.js';
import { ensureFolder, writeFileAtomic } from '../util/files.js';
import { shown } from '../util/text.js';

/** What all rows of one table have in common. */
export interface TableSettings {
  settings: Partial<TrainConfig>;
  passes: number;
  members: number;
  /** Seconds that the rows of a lesson were to fit into; missing where they are the article's. */
  budget?: number;
}

/**
 * The size of a lesson that has begun, since a machine is not always as fast; undefined where none has.
 * @param path of its table
 * @param budget in seconds
 */
export function lessonBegun(path: string, budget: number): LessonSize | undefined {
  const earlier = existsSync(path) ? readTable(path) : undefined;
  if (earlier?.budget !== budget) return undefined;
  const { limitTrain, limitTest, epochs } = v.parse(SIZE, earlier.settings);
  return { limitTrain, limitTest, epochs };
}

/**
 * All rows of the article, with what a table file holds of them; none of them measured when there is no such file.
 * @throws UsageError when its rows were made with other settings; CifarError when it is no such table
 */
export function readRows(path: string, wanted: TableSettings): ReproducedRow[] {
  const files = [path, ...ROWS.map(({ id }) => rowPath(path, id))].filter((file) => existsSync(file));
  const rows = files.map((file) => {
    const earlier = readTable(file);
    checkSame(file, earlier, wanted);
    return earlier.rows;
  });
  // A row's own record is newer than the table, which is made of them; the first tables have none.
  const known = rows.reverse().flat();
  return ROWS.map((row) => {
    const measured = known.find(
      ({ id, measured: figures }) => id === row.id && figures !== undefined,
    )?.measured;
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

/** Where a row's own record lies, beside the table: several processes may each measure one. */
const rowPath = (path: string, id: RowId): string => join(path.replace(/\.json$/, '-rows'), `${id}.json`);

/** Keeps what a row came to, whoever writes of others meanwhile. */
export function writeRow(path: string, table: TableSettings, row: ReproducedRow): void {
  writeRows(rowPath(path, row.id), table, [row]);
}

export function writeRows(
  path: string,
  { settings, passes, members, budget }: TableSettings,
  rows: readonly ReproducedRow[],
): void {
  ensureFolder(dirname(path));
  writeFileAtomic(path, `${JSON.stringify({ settings, passes, members, budget, rows }, null, 2)}\n`);
}

const TABLE = v.looseObject({
  settings: v.looseObject({}),
  passes: positiveCount,
  members: positiveCount,
  budget: v.optional(amount),
  rows: v.array(
    v.looseObject({
      id: v.string(),
      measured: v.optional(
        v.looseObject({ loss: v.optional(amount), accuracy: share, note: v.optional(v.string()) }),
      ),
    }),
  ),
});

const SIZE = v.looseObject({ limitTrain: positiveCount, limitTest: positiveCount, epochs: positiveCount });

type EarlierTable = v.InferOutput<typeof TABLE>;

function readTable(path: string): EarlierTable {
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

/** As a file has them, or as they are asked for now. */
type AnySettings = Omit<TableSettings, 'settings' | 'budget'> & {
  settings: object;
  budget?: number | undefined;
};

function checkSame(path: string, earlier: AnySettings, wanted: TableSettings): void {
  const all = ({ settings, passes, members, budget = 0 }: AnySettings): Record<string, unknown> => ({
    ...{ budget, ...settings, passes, members },
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
