import { expect, it } from 'vitest';
import { findGrowth, type Reading, residentSlack } from '../../scripts/check-flat/flatness.js';

const reading = (step: number, changes: Partial<Reading> = {}): Reading => ({
  step,
  handles: 100,
  poolBytes: 1000,
  systemAllocations: 10,
  tensors: 50,
  residentBytes: 1e9,
  ...changes,
});

it('finds what grows after the warm-up, and nothing else', () => {
  const start = reading(10, { handles: 7, tensors: 3, residentBytes: 0 });
  const flat = [start, reading(20), reading(30, { residentBytes: 1e9 + residentSlack }), reading(40)];
  expect(findGrowth(flat, 20)).toEqual([]);
  expect(findGrowth([...flat, reading(50, { handles: 101 })], 20)).toEqual([
    'handles was 100 after step 20 and 101 after 50.',
  ]);
  expect(findGrowth([...flat, reading(50, { tensors: 49 })], 20)).toHaveLength(1);
  expect(findGrowth([...flat, reading(50, { residentBytes: 2e9 })], 20)[0]).toMatch(/^Resident memory grew/);
  expect(findGrowth(flat, 40)[0]).toMatch(/take more steps/);
});
