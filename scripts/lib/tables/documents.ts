import { articleTable } from './articleTable.js';
import { calibrationTable } from './calibrationTable.js';
import { figuresTable } from './figuresTable.js';
import { inferenceTable } from './inferenceTable.js';
import { withTable } from './markdown.js';
import { recipesTable } from './recipesTable.js';
import { recordsTable } from './recordsTable.js';
import { speedTable } from './speedTable.js';

/** A document's tables by their marks; one that is undefined has nothing to show yet, and no marks. */
const TABLES = {
  'README.md': {
    recipes: (folder: string) => recipesTable(folder, 'main'),
    speed: speedTable,
    article: articleTable,
  },
  'results/README.md': {
    recipes: (folder: string) => recipesTable(folder, 'all'),
    calibration: calibrationTable,
    speed: speedTable,
    inference: inferenceTable,
    figures: figuresTable,
    records: recordsTable,
    article: articleTable,
  },
} satisfies Record<string, Record<string, (folder: string) => string | undefined>>;

/** A document with each of its tables made anew from a folder of results. */
export function withTables(document: string, path: keyof typeof TABLES, folder: string): string {
  return Object.entries(TABLES[path]).reduce((text, [mark, table]) => {
    const made = table(folder);
    return made === undefined ? text : withTable(text, made, mark);
  }, document);
}
