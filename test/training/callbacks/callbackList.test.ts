import { describe, expect, it } from 'vitest';
import { type Callback, CallbackList } from '../../../src/training/callbacks/index.js';

describe('CallbackList', () => {
  it('calls hooks one after the other, in the order of the list', async () => {
    const calls: string[] = [];
    const slow: Callback = {
      name: 'slow',
      fitBegin: async () => {
        await new Promise((resolve) => setTimeout(resolve, 10));
        calls.push('slow');
      },
    };
    const quick: Callback = { name: 'quick', fitBegin: () => void calls.push('quick') };
    const list = new CallbackList([slow, { name: 'none' }, quick], () => undefined);
    await list.call('fitBegin');
    expect(calls).toEqual(['slow', 'quick']);
    expect([list.has('fitBegin'), list.has('timeUp')]).toEqual([true, false]);
  });

  it('goes on when one that only reports fails, and says so once', async () => {
    const notes: string[] = [];
    let reached = 0;
    const fail = (): never => {
      throw new Error('disk full');
    };
    const report: Callback = { name: 'the picture', onlyReports: true, fitEnd: fail, stepEnd: fail };
    const after: Callback = { name: 'after', fitEnd: () => void reached++, stepEnd: () => void reached++ };
    const list = new CallbackList([report, after], (line) => void notes.push(line));
    await list.call('fitEnd', 'finished');
    list.stepEnd();
    expect(reached).toBe(2);
    expect(notes).toEqual(['Note: the picture could not be written (disk full); training goes on.']);
  });

  it('fails with one that training needs', async () => {
    const needed: Callback = { name: 'the checkpoint', fitEnd: () => Promise.reject(new Error('disk full')) };
    const list = new CallbackList([needed], () => undefined);
    await expect(list.call('fitEnd', 'interrupted')).rejects.toThrow('disk full');
  });
});
