import { expect, it } from 'vitest';
import { startsOfOneName, startsOfOneResume } from '../../scripts/lib/startsAtOnce.js';
import { DATA_DIR, temporaryFolder } from '../helpers/folders.js';

/** scripts/check-starts.ts makes fifty tries of twenty. */
const TRIES = 3;
const STARTS = 4;

it(
  'of several starts at once of one name, and of one --resume, one trains',
  { timeout: 180_000 },
  async () => {
    const folder = temporaryFolder();
    const data = ['--data-dir', DATA_DIR];
    for (let i = 0; i < TRIES; i++) {
      await expect(startsOfOneName(folder, `run-${i}`, STARTS, data)).resolves.toBeUndefined();
      await expect(startsOfOneResume(folder, 'run-0', STARTS, data, i + 2)).resolves.toBeUndefined();
    }
  },
);
