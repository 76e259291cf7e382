/** Makes the tables of results in README.md and results/README.md from the files in results/: npm run readme */
import { readFileSync } from 'node:fs';
import { writeFileAtomic } from '../src/util/files.js';
import { withTables } from './lib/tables/documents.js';

for (const path of ['README.md', 'results/README.md'] as const) {
  writeFileAtomic(path, withTables(readFileSync(path, 'utf8'), path, 'results'));
}
