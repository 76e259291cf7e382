import { describe, expect, it } from 'vitest';
import { programCall } from '../../src/commands/output.js';

describe('programCall', () => {
  it.each([
    ['/p/dist/cli.js', { npm_command: 'exec' }, 'npx cifar'],
    ['/p/src/cli.ts', { npm_command: 'run-script', npm_lifecycle_event: 'cifar' }, 'npm run cifar --'],
    ['/usr/local/bin/cifar', {}, 'cifar'],
    ['/p/dist/cli.js', {}, 'node dist/cli.js'],
    ['/q/dist/cli.js', {}, 'node /q/dist/cli.js'],
  ])('of %s under %j is %s', (script, env, expected) => {
    expect(programCall(script, env, '/p')).toBe(expected);
  });
});
