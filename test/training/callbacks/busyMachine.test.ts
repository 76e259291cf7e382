import { beforeEach, expect, it, vi } from 'vitest';
import * as cores from '../../../src/engine/cores.js';
import { busyMachine } from '../../../src/training/callbacks/busyMachine.js';
import { freshPosition } from '../../../src/training/position.js';
import { SILENT } from '../../../src/training/reporter.js';
import type { Training } from '../../../src/training/training.js';

vi.mock(import('../../../src/engine/cores.js'));
beforeEach(() => vi.mocked(cores.usableCores).mockReturnValue(2));

/** Notes after two epochs of ten seconds each. */
async function notesOf(threads: number | null, othersCpuSeconds: number): Promise<string[]> {
  const notes: string[] = [];
  const callback = busyMachine({
    position: { ...freshPosition(1), othersCpuSeconds, observedSeconds: 20 },
    record: { starts: [{ threads }] },
    reporter: { ...SILENT, note: (line: string) => void notes.push(line) },
  } as unknown as Training);
  for (let epoch = 0; epoch < 2; epoch++) await callback.epochEnd?.(undefined as never);
  return notes;
}

it('is said once where threads are more than the cores that others leave', async () => {
  expect(await notesOf(2, 20)).toEqual([
    expect.stringMatching(
      /^Note: other programs kept 1\.0 of 2 cores busy, .* 2 threads .* With --threads 1 /,
    ),
  ]);
});

it.each([
  ['others take little', 2, 8],
  ['one thread computes', 1, 20],
  ['threads are not ours', null, 40],
] as const)('is not said where %s', async (_name, threads, seconds) => {
  expect(await notesOf(threads, seconds)).toEqual([]);
});
