import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';

/** Starts the fixture, halts it for so long or not at all, and returns what it noticed. */
async function watched(haltedMs: number): Promise<unknown> {
  const fixture = new URL('fixtures/halted.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', fixture]);
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  if (haltedMs > 0) {
    child.kill('SIGSTOP');
    await sleep(haltedMs);
    child.kill('SIGCONT');
  }
  child.stdin.write('\n');
  const [answer] = (await once(child.stdout, 'data')) as [Buffer];
  return JSON.parse(answer.toString());
}

describe('HaltWatch', () => {
  it.skipIf(process.platform === 'win32')('notices that the process was stopped', async () => {
    expect(await watched(2000)).toEqual({ halted: true, isKept: true, isOver: true });
  });

  it('notices nothing in a process that runs', async () => {
    expect(await watched(0)).toEqual({ halted: false, isKept: false, isOver: true });
  });
});
