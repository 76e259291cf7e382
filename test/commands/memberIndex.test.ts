import { expect, it } from 'vitest';
import { scheduledIndex } from '../../src/commands/memberIndex.js';

it.each<[string, Record<string, string>, number]>([
  ['Slurm', { SLURM_ARRAY_TASK_ID: '3', SLURM_JOB_ID: '77' }, 3],
  ['a Kubernetes Indexed Job', { JOB_COMPLETION_INDEX: '0' }, 0],
  ['PBS Professional', { PBS_ARRAY_INDEX: '12' }, 12],
  ['Torque', { PBS_ARRAYID: '2' }, 2],
  ['SGE, which counts from 1', { SGE_TASK_ID: '1' }, 0],
])('takes its number from %s', (_name, environment, index) => {
  expect(scheduledIndex(environment)).toBe(index);
});

it.each([[{}], [{ SGE_TASK_ID: 'undefined' }], [{ SLURM_ARRAY_TASK_ID: '' }]])(
  'has none in %j',
  (environment) => {
    expect(() => scheduledIndex(environment)).toThrow(
      /--member-index auto: no scheduler .* give the number itself/,
    );
  },
);
