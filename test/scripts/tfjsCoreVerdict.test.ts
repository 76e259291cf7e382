import { expect, it } from 'vitest';
import { judge, type Outcome } from '../../scripts/test-tfjs-core/verdict.js';

const outcome = (name: string, environment: string | null, status: Outcome['status']): Outcome => ({
  name,
  environment,
  status,
  message: '',
});

it('tells failures from listed ones, and finds exclusions that are not needed', () => {
  const outcomes = [
    outcome('a', 'one', 'passed'),
    outcome('a', 'two', 'failed'),
    outcome('b', 'one', 'failed'),
    outcome('b', 'two', 'passed'),
    outcome('c', null, 'pending'),
    outcome('d', null, 'failed'),
  ];
  const verdict = judge(outcomes, [
    { reason: 'known', environment: 'two', specs: ['a'] },
    { reason: 'both', specs: ['b', 'gone'] },
  ]);
  expect(verdict).toEqual({
    passed: 2,
    pending: 1,
    failed: [outcomes[5]],
    excluded: { known: 1, both: 1 },
    needless: [outcomes[3]],
    unknown: ['gone'],
  });
});
