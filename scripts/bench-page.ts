/**
 * How soon the page of `cifar serve` shows many runs, and whether its memory and the browser's stay flat while a training goes on.
 *
 *     npx tsx scripts/bench-page.ts [--runs 50,2000] [--epochs 3600] [--browser /usr/bin/chromium] [--save]
 *
 * Needs a Chromium and `npm run build`. The training is simulated: --epochs of them in about a minute, an hour's worth at one a second. --save keeps
 * the figures in results/page.json.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { Owner } from '../src/runs/owner.js';
import { addEpoch, plainRun } from '../test/helpers/plainRuns.js';
import { Watched } from './check-page/browser.js';
import { serve } from './check-page/program.js';
import { writeResults } from './lib/results.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '50,2000' },
    epochs: { type: 'string', default: '3600' },
    browser: { type: 'string', default: '/usr/bin/chromium' },
    save: { type: 'boolean', default: false },
  },
});
/** Epochs of each run that nobody trains. */
const EPOCHS = 150;
const ROUNDS = 5;

const median = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)];

async function firstView(
  browser: Watched,
  count: number,
): Promise<{ serverSeconds: number; viewSeconds: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'cifar-page-'));
  for (let run = 0; run < count; run++) {
    plainRun(folder, `run-${run}`, { epochs: EPOCHS, last: { epoch: EPOCHS - 1, loss: 1, accuracy: 0.5 } });
  }
  const begun = performance.now();
  const server = await serve('--models-dir', folder);
  const serverSeconds = (performance.now() - begun) / 1000;
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    const page = await browser.open(server.url);
    await page
      .getByRole('link', { name: 'run-7', exact: true })
      .or(page.locator('tbody tr').nth(40))
      .first()
      .waitFor();
    times.push((performance.now() - start) / 1000);
    await page.context().close();
  }
  server.stop();
  rmSync(folder, { recursive: true, force: true });
  return { serverSeconds, viewSeconds: median(times) };
}

/** Resident memory of a process, MiB. */
function residentMiB(pid: number): number {
  const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1024;
}

/** What a page's program holds after a collection, MiB. */
async function heapMiB(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize / 2 ** 20;
}

type Memory = {
  epochs: number;
  serverMiB: number;
  pageMiB: number;
};

async function memory(browser: Watched, epochs: number): Promise<Memory[]> {
  const folder = mkdtempSync(join(tmpdir(), 'cifar-page-'));
  const run = plainRun(folder, 'growing', { epochs: 1, status: 'running' });
  const owner = Owner.acquire(run);
  const server = await serve('--models-dir', folder);
  const page = await browser.open(`${server.url}#/run/growing`);
  await page.locator('.chart canvas').first().waitFor();
  const found: Memory[] = [];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    addEpoch(run, epoch);
    if (epoch % 60 === 0) await setTimeout(1000);
    if (epoch % Math.ceil(epochs / 6) === 0) {
      const measured = { epochs: epoch, serverMiB: residentMiB(server.pid), pageMiB: await heapMiB(page) };
      found.push(measured);
      console.log(
        `${epoch} epochs: server ${measured.serverMiB.toFixed(0)} MiB, page ${measured.pageMiB.toFixed(1)} MiB`,
      );
    }
  }
  owner.release();
  server.stop();
  rmSync(folder, { recursive: true, force: true });
  return found;
}

const browser = await Watched.launch(values.browser);
const views: Record<string, { serverSeconds: number; viewSeconds: number }> = {};
for (const count of values.runs.split(',').map(Number)) {
  views[count] = await firstView(browser, count);
  const { serverSeconds, viewSeconds } = views[count];
  console.log(
    `${count} runs: first view after ${viewSeconds.toFixed(2)} s; the server listens after ${serverSeconds.toFixed(2)} s`,
  );
}
const memories = await memory(browser, Number(values.epochs));
await browser.close();
if (browser.complaints.length > 0) throw new Error(browser.complaints.join('\n'));
if (values.save) console.log(writeResults('page', { views, memories }));
