/** Makes the tables of results in README.md and results/README.md from the files in results/: npm run readme */
import { readFileSync } from 'node:fs';
import { writeFileAtomic } from '../src/util/files.js';
import { articleTable } from './lib/articleTable.js';
import { recordsTable } from './lib/recordsTable.js';
import { readmeTable, withTable } from './lib/readmeTable.js';

for (const [path, which] of [
  ['README.md', 'main'],
  ['results/README.md', 'all'],
] as const) {
  writeFileAtomic(path, withTable(readFileSync(path, 'utf8'), readmeTable('results', which)));
}

const results = 'results/README.md';
writeFileAtomic(results, withTable(readFileSync(results, 'utf8'), recordsTable('results'), 'records'));

const article = articleTable('results');
if (article !== undefined) {
  for (const path of ['README.md', 'results/README.md']) {
    writeFileAtomic(path, withTable(readFileSync(path, 'utf8'), article, 'article'));
  }
}
