/**
 * Twenty starts at once, of one name and of one `--resume`, again and again: never two trainers in one folder, nothing lost.
 *
 *   npx tsx scripts/check-starts.ts [--starts 20] [--tries 50] [--save]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from './lib/earlierProgram.js';
import { writeResults } from './lib/results.js';
import { startsOfOneName, startsOfOneResume } from './lib/startsAtOnce.js';

const { values } = parseArgs({
  options: {
    starts: { type: 'string', default: '20' },
    tries: { type: 'string', default: '50' },
    save: { type: 'boolean', default: false },
  },
});
const [count, tries] = [Number(values.starts), Number(values.tries)];
const folder = mkdtempSync(join(tmpdir(), 'cifar-starts-'));
const data = ['--data-dir', join(ROOT, 'data')];
try {
  for (let i = 0; i < tries; i++) {
    await startsOfOneName(folder, `run-${i}`, count, data);
    await startsOfOneResume(folder, 'run-0', count, data, i + 2);
    console.log(`${i + 1} of ${tries}: one trained, ${count - 1} were refused, twice`);
  }
  if (values.save) console.log(writeResults('starts', { starts: count, tries, faults: 0 }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
