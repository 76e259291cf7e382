/** Makes the README's table of results from the files in results/: npm run readme */
import { readFileSync } from 'node:fs';
import { writeFileAtomic } from '../src/util/files.js';
import { readmeTable, withTable } from './lib/readmeTable.js';

writeFileAtomic('README.md', withTable(readFileSync('README.md', 'utf8'), readmeTable('results')));
