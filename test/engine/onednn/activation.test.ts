import * as tf from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import { activate, describeOneDnn } from './setup.js';

describeOneDnn('activation', 'bf16', () => {
  it('again keeps the backend and its tensors; with another precision it is a new backend; nothing is said', async () => {
    const warn = vi.spyOn(console, 'warn');
    const first = await activate('bf16', 1);
    const kept = tf.ones([40, 40]);
    expect(await activate('bf16', 1)).toBe(first);
    expect(tf.sum(kept).dataSync()[0]).toBe(1600);
    kept.dispose();

    const second = await activate('f32', 1);
    expect(second).not.toBe(first);
    expect(second.computeType).toBe('f32');
    expect(tf.sum(tf.ones([40, 40])).dataSync()[0]).toBe(1600);
    expect(warn).not.toHaveBeenCalled();
  });
});
