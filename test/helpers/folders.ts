import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

/** The real data set, which `npm test` has fetched. */
export const DATA_DIR = new URL('../../data', import.meta.url).pathname;

/** An empty folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cifar-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An empty folder that goes with the test file; to be made in its `beforeAll`. */
export function longLivedFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cifar-test-'));
  longLived.push(folder);
  return folder;
}

const longLived: string[] = [];
afterAll(() => {
  for (const folder of longLived.splice(0)) rmSync(folder, { recursive: true, force: true });
});
