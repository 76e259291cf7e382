/**
 * Uses the page of `cifar serve`, an exported folder and a report in a real browser, as a reader would, and compares what they show with
 * what the program says.
 *
 *     npx tsx scripts/check-page.ts [--browser /usr/bin/chromium] [--screenshots folder] [--only part,…] [--full]
 *
 * Needs a Chromium (Debian: apt-get install chromium), the data set and `npm run build`. --full trains on a graphics card, too, for some
 * steps: on SwiftShader, which takes minutes to try its kernels. --screenshots keeps a picture of every view.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Watched } from './check-page/browser.js';
import { CHECKS, type Stage } from './check-page/checks.js';
import { cifar, serve } from './check-page/program.js';

const { values } = parseArgs({
  options: {
    browser: { type: 'string', default: '/usr/bin/chromium' },
    screenshots: { type: 'string' },
    only: { type: 'string' },
    full: { type: 'boolean', default: false },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'cifar-page-'));
const models = join(folder, 'models');
if (values.screenshots !== undefined) mkdirSync(values.screenshots, { recursive: true });

const small = [
  '--model',
  'fast-proxy-muon',
  '--recipe',
  'none',
  '--batch-size',
  '100',
  '--optimizer',
  'adam',
];
await cifar(
  ...['train', ...small, '--models-dir', models, '--name', 'small', '--augment', 'normal'],
  ...['--limit-train', '3000', '--limit-test', '2000', '--epochs', '6'],
);
// A name that would be markup, of a run that is no run.
mkdirSync(join(models, '<img src=x onerror=alert(1)>'), { recursive: true });

const browser = await Watched.launch(values.browser);
const server = await serve('--models-dir', models);
const stage: Stage = {
  ...{ browser, server, models, folder, isFull: values.full },
  shot: async (page, name) => {
    if (values.screenshots === undefined) return;
    await page.screenshot({ path: join(values.screenshots, `${name}.png`), fullPage: true });
  },
};
let failed = 0;
const wanted = values.only?.split(',');
for (const [name, check] of Object.entries(CHECKS)) {
  if (wanted !== undefined && !wanted.includes(name)) continue;
  const start = performance.now();
  try {
    const found = await check(stage);
    console.log(`${name}: ${found} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed++;
    console.log(
      `${name}: FAILED: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  }
}
if (browser.complaints.length > 0) {
  failed++;
  console.log(`The browser complained:\n  ${browser.complaints.join('\n  ')}`);
}
server.stop();
await browser.close();
rmSync(folder, { recursive: true, force: true });
console.log(failed === 0 ? 'The page does what it should.' : `${failed} checks failed.`);
process.exitCode = failed === 0 ? 0 : 1;
