import { describe, expect, it } from 'vitest';
import { isGuessing, resultLines } from '../../src/commands/trainResult.js';
import { runFolder } from '../../src/runs/runFolder.js';
import type { RunRecord } from '../../src/runs/runRecord.js';

function lines(changes: Partial<RunRecord>): string {
  const record = {
    ...{
      status: 'finished',
      trainingSeconds: 60,
      petaflop: 0.28,
      validatedOn: 'test set',
      validationImages: 1000,
    },
    ...{ last: { epoch: 2, loss: 1, accuracy: 0.6 }, best: { epoch: 2, loss: 1, accuracy: 0.6 } },
    hardware: { cores: 2 },
    ...changes,
  } as RunRecord;
  return resultLines(runFolder('models/r'), record, 10, 'r').join('\n');
}

describe('resultLines', () => {
  it('say on how many images, what guessing gives, and what to do next', () => {
    const text = lines({});
    expect(text).toMatch(/^Training finished after 1 min 00 s, 0\.280 PFLOP/);
    expect(text).toContain(
      'Result: accuracy 60.00 % on 1,000 test images after epoch 3, the last (guessing gives 10 %); loss 1.0000',
    );
    expect(text).toContain('cifar evaluate r');
    expect(text).not.toMatch(/guessing:|Best epoch|shared machine/);
  });

  it('say when nothing was learned, when another epoch was better, and when the machine was shared', () => {
    const text = lines({
      ...{ last: { epoch: 2, loss: 7731, accuracy: 0.11 }, best: { epoch: 0, loss: 2, accuracy: 0.2 } },
      othersCores: 0.94,
    });
    expect(text).toContain('no better than guessing: this training has learned nothing yet');
    expect(text).toContain(
      'Best epoch (1, chosen on these same images, so a little flattered): accuracy 20.00 %',
    );
    expect(text).toContain('on a shared machine (other programs kept 0.9 of 2 cores busy)');
  });
});

it('isGuessing allows for the chance of so many images', () => {
  expect([0.1, 0.118, 0.12].map((accuracy) => isGuessing(accuracy, 1000, 10))).toEqual([true, true, false]);
  expect(isGuessing(0.11, 10_000, 10)).toBe(false);
});
