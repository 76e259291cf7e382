import { writeFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bestSoFar, inRung, resultsOf, rungPath } from '../../../src/experiments/search/rungs.js';
import { readSearch } from '../../../src/experiments/search/searchFile.js';
import { Owner } from '../../../src/runs/owner.js';
import { temporaryFolder } from '../../helpers/folders.js';
import { addEpoch, plainRun } from '../../helpers/plainRuns.js';

const FILE = `
name: six
base: { model: fast-proxy-muon, batchSize: 25, augment: none, epochs: 2, limitTrain: 120, validationSplit: 0.2 }
space: { learningRate: [0.01, 0.02, 0.03, 0.04, 0.05, 0.06] }
eta: 2
rungs: [1, 2]
`;

/** Six configurations, of which some have been trained to an accuracy. */
function begun(accuracies: readonly (number | undefined)[]) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'six.yaml'), FILE);
  const modelsDir = join(folder, 'models');
  for (const [i, accuracy] of accuracies.entries()) {
    if (accuracy === undefined) continue;
    addEpoch(plainRun(modelsDir, `six-${i}`, { epochs: 0, status: 'interrupted' }), 0, accuracy);
  }
  return { modelsDir, search: readSearch(join(folder, 'six.yaml')) };
}

const runs = (trials: readonly { run: string }[]): string[] => trials.map(({ run }) => run);

describe('who is in a rung', () => {
  it('is decided once, from what the rung before has come to, missing ones last', () => {
    const { modelsDir, search } = begun([0.3, undefined, 0.5, 0.2, 0.5, undefined]);
    plainRun(modelsDir, 'six-5', { epochs: 0, status: 'diverged' });
    expect(runs(resultsOf(search, modelsDir))).toEqual([2, 4, 0, 3, 5, 1].map((n) => `six-${n}`));
    expect(resultsOf(search, modelsDir).map(({ status }) => status)).toEqual([
      ...Array<string>(4).fill('trained'),
      ...['diverged', 'missing'],
    ]);
    expect(runs(inRung(search, 1, modelsDir))).toEqual(['six-2', 'six-4', 'six-0']);
    // One that comes too late changes nothing.
    addEpoch(plainRun(modelsDir, 'six-1', { epochs: 0 }), 0, 0.9);
    expect(runs(inRung(search, 1, modelsDir))).toEqual(['six-2', 'six-4', 'six-0']);
    expect(bestSoFar(search, modelsDir).run).toBe('six-1');
    addEpoch(join(modelsDir, 'six-4'), 1, 0.6);
    addEpoch(join(modelsDir, 'six-0'), 1, 0.7);
    expect(runs(inRung(search, 2, modelsDir))).toEqual(['six-0']);
    expect(bestSoFar(search, modelsDir).run).toBe('six-0');
    expect(runs(resultsOf(search, modelsDir)).slice(0, 2)).toEqual(['six-0', 'six-4']);
  });

  it('waits while one of the rung before is being trained, and needs one that has been', () => {
    const { modelsDir, search } = begun([0.3, 0.5]);
    const owner = Owner.acquire(join(modelsDir, 'six-1'));
    expect(() => inRung(search, 1, modelsDir)).toThrow(/six-1 is still being trained/);
    owner.release();
    expect(inRung(search, 1, modelsDir)).toHaveLength(3);
    const none = begun([]);
    expect(() => inRung(none.search, 1, none.modelsDir)).toThrow(
      'None of the 6 configurations of rung 1 has been trained as far as epoch 1 yet: rung 2 cannot begin.',
    );
    expect(() => bestSoFar(none.search, none.modelsDir)).toThrow(
      'None of the configurations has been trained',
    );
  });

  it('is refused from a damaged file', () => {
    const { modelsDir, search } = begun([0.3]);
    inRung(search, 1, modelsDir);
    const path = rungPath(modelsDir, 'six', 1);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ runs: ['six-0', 'six-1', 'six-2'] });
    writeFileSync(path, '{"runs": ["other-7"]}');
    expect(() => inRung(search, 1, modelsDir)).toThrow(/names other-7, which is none of this search/);
    writeFileSync(path, '{"runs": 3}');
    expect(() => inRung(search, 1, modelsDir)).toThrow(/1?2\.json is not a rung of a search/);
  });
});
