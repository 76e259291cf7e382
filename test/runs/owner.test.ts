import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, readFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Owner, STALE_MS, isOwned } from '../../src/runs/owner.js';
import { temporaryFolder } from '../helpers/folders.js';

const fileOf = (folder: string): string => join(folder, 'owner.json');
const contentOf = (folder: string) =>
  JSON.parse(readFileSync(fileOf(folder), 'utf8')) as Record<string, unknown>;

/** A folder with the file of an owner like this process but for what is changed. */
function ownedBy(changes: Record<string, unknown>, ageMs = 0): string {
  const folder = temporaryFolder();
  Owner.acquire(folder);
  // In place, since a copy counts for nothing.
  writeFileSync(fileOf(folder), JSON.stringify({ ...contentOf(folder), token: 'other', ...changes }));
  const then = new Date(Date.now() - ageMs);
  utimesSync(fileOf(folder), then, then);
  return folder;
}

describe('the owner of a run', () => {
  it('is one at a time, and leaves nothing behind', () => {
    const folder = temporaryFolder();
    const owner = Owner.acquire(folder);
    expect(() => Owner.acquire(folder)).toThrow(
      new RegExp(
        `is being trained by process ${process.pid} on .*, since 20\\d\\d-.*: wait for its end, or stop it\\.$`,
      ),
    );
    owner.assert();
    owner.release();
    expect(readdirSync(folder)).toEqual([]);
    Owner.acquire(folder).release();
  });

  it.each([
    ['whose machine was started anew since', { boot: 'before' }],
    ['whose number somebody else has now', { started: '1' }],
    ['whose process has ended', { pid: 2 ** 22 - 1 }],
  ])('%s is gone', (_name, changes) => {
    const folder = ownedBy(changes);
    const owner = Owner.acquire(folder);
    expect(contentOf(folder).token).not.toBe('other');
    owner.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(['', '{', 'null', '5', '{"token":"x"}', '[]'])('whose file holds %j is nobody', (content) => {
    const folder = ownedBy({});
    writeFileSync(fileOf(folder), content);
    const then = new Date(Date.now() - 10_000);
    utimesSync(fileOf(folder), then, then);
    Owner.acquire(folder).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of a folder is not that of its copy', () => {
    const [folder, copy] = [temporaryFolder(), temporaryFolder()];
    const owner = Owner.acquire(folder);
    copyFileSync(fileOf(folder), fileOf(copy));
    expect([isOwned(folder), isOwned(copy)]).toEqual([true, false]);
    Owner.acquire(copy).release();
    expect(readdirSync(copy)).toEqual([]);
    owner.release();
  });

  it.each([
    ['on another machine', { host: 'elsewhere' }],
    ['in another container', { namespace: 'pid:[1]' }],
  ])('%s lives as long as it touches its file, or until it is taken over', (_name, changes) => {
    const alive = ownedBy(changes, STALE_MS / 2);
    expect(isOwned(alive)).toBe(true);
    expect(() => Owner.acquire(alive)).toThrow(/--take-over takes the run over/);
    Owner.acquire(alive, true).release();
    const stale = ownedBy(changes, STALE_MS + 10_000);
    expect(isOwned(stale)).toBe(false);
    Owner.acquire(stale).release();
  });

  it('stops before its next write when it has been taken over, and does not end the other’s ownership', () => {
    const folder = temporaryFolder();
    const owner = Owner.acquire(folder);
    writeFileSync(
      fileOf(folder),
      JSON.stringify({ ...contentOf(folder), token: 'other', host: 'elsewhere' }),
    );
    expect(() => owner.assert()).toThrow(
      /has been taken over by process \d+ on elsewhere: this training ends/,
    );
    owner.release();
    expect(existsSync(fileOf(folder))).toBe(true);
  });

  it(
    'is found by one of several that come at once, after one that was killed',
    { timeout: 60_000 },
    async () => {
      const fixture = new URL('../fixtures/acquire.ts', import.meta.url).pathname;
      for (let round = 0; round < 2; round++) {
        const folder = ownedBy({ started: '1' });
        const children = Array.from({ length: 6 }, () =>
          spawn(process.execPath, ['--import', 'tsx', fixture, folder]),
        );
        onTestFinished(() => children.forEach((child) => void child.kill('SIGKILL')));
        const answers = await Promise.all(
          children.map(async ({ stdout }) => {
            const [chunk] = (await once(stdout, 'data')) as [Buffer];
            return chunk.toString().trim();
          }),
        );
        expect(answers.sort()).toEqual(['owner', 'refused', 'refused', 'refused', 'refused', 'refused']);
        for (const child of children) child.kill('SIGKILL');
      }
    },
  );
});
