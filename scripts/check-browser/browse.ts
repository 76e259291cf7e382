import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Failed, PageServer } from './server.js';

const ALWAYS = [
  ...['--headless', '--no-sandbox', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

export interface BrowseOptions {
  /** A Chromium's program. */
  browser: string;
  minutes: number;
  args: readonly string[];
  /** What has the browser take a picture, after which it ends by itself; none for no picture. */
  screenshot: readonly string[];
}

/** Runs a browser, with a profile of its own, on a server's page until it has answered, ended, or had its time. */
export async function browse<Answer extends Failed>(
  server: PageServer<Answer>,
  { browser: program, minutes, args, screenshot }: BrowseOptions,
): Promise<Answer | Failed> {
  const profile = mkdtempSync(join(tmpdir(), 'cifar-browser-'));
  const all = [...ALWAYS, ...args, `--user-data-dir=${profile}`, ...screenshot, server.url];
  const browser = spawn(program, all, { stdio: 'ignore' });
  const ended = new Promise<Failed>((resolve) => {
    browser.on('error', ({ message }) => resolve({ error: `${program}: ${message}` }));
    browser.on('close', () => resolve({ error: `${program} ended without an answer.` }));
  });
  const tooLate = { error: `The page did not answer within ${minutes} minutes.` };
  const late = setTimeout(minutes * 60_000, tooLate, { ref: false });
  try {
    const answer = await Promise.race([server.answer, ended, late]);
    if (screenshot.length > 0 && answer.error === undefined) await Promise.race([ended, late]);
    return answer;
  } finally {
    browser.kill();
    await ended;
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
