import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

/** The real data set, which `npm test` has fetched. */
export const DATA_DIR = new URL('../../data', import.meta.url).pathname;

/** An empty folder that goes with the test, also where `beforeEach` makes it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cifar-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An empty folder that goes with the test file, or with the `describe` that it is made in. */
export function lastingFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cifar-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
