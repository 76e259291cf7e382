import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Locator, Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { type AugmentConfig, createAugmenter } from '../../src/dataset/augment/index.js';
import { AUGMENT_PRESETS } from '../../src/dataset/augment/presets.js';
import { CIFAR10 } from '../../src/dataset/cifar10.js';
import { loadTest, loadTrain } from '../../src/dataset/load.js';
import { drawMixing, mixBatch } from '../../src/dataset/mixing/index.js';
import { STREAM } from '../../src/util/rng.js';
import { type Watched, barriers, pixelsOf } from './browser.js';
import { begin, cifar } from './program.js';
import { serveFolder } from './serveFolder.js';

/** What the checks work with. */
export interface Stage {
  browser: Watched;
  server: { url: string; pid: number };
  /** Folder of the runs; `small` is one of them. */
  models: string;
  /** A folder for anything. */
  folder: string;
  /** Whether what takes minutes is done, too. */
  isFull: boolean;
  shot(page: Page, name: string): Promise<void>;
}

/** Each says what it found. */
export const CHECKS: Readonly<Record<string, (stage: Stage) => Promise<string>>> = {
  runs,
  training,
  picture,
  trainHere,
  mistakes,
  augmentation,
  gallery,
  phone,
  dark,
  keyboard,
  exported,
  report,
};

const at = ({ server }: Stage, ...parts: string[]): string =>
  `${server.url}#/${parts.map(encodeURIComponent).join('/')}`;

async function noBarriers(page: Page): Promise<void> {
  assert.deepEqual(await barriers(page), [], page.url());
}

const numberIn = (text: string): number => Number(/([\d.]+) %/.exec(text)?.[1]) / 100;

async function runs(stage: Stage): Promise<string> {
  const page = await stage.browser.open(stage.server.url);
  await page.getByRole('link', { name: 'small', exact: true }).waitFor();
  await page.getByRole('link', { name: 'cifar10-fast96' }).waitFor();
  await noBarriers(page);
  await stage.shot(page, 'runs');
  await page.getByLabel('compare small').check();
  await page.getByLabel('compare cifar10-fast96').check();
  await page.getByRole('button', { name: 'Compare 2' }).click();
  await page.getByText('2 runs compared').waitFor();
  await page.locator('.chart canvas').first().waitFor();
  await noBarriers(page);
  await stage.shot(page, 'compare');
  await page.context().close();
  return 'listed and compared';
}

/** A training in another process appears, and its curve grows, in two tabs that share one stream. */
async function training(stage: Stage): Promise<string> {
  const page = await stage.browser.open(stage.server.url);
  const other = await page.context().newPage();
  await other.goto(stage.server.url);
  const child = begin(
    ...[
      'train',
      '--model',
      'fast-proxy-muon',
      '--batch-size',
      '100',
      '--augment',
      'none',
      '--name',
      'growing',
    ],
    ...['--models-dir', stage.models, '--limit-train', '1500', '--limit-test', '200', '--epochs', '8'],
  );
  try {
    await other.getByRole('link', { name: 'growing' }).waitFor({ timeout: 60_000 });
    await page.getByRole('link', { name: 'growing' }).click();
    await page.locator('.chart summary').first().click();
    const rows = page.locator('.chart').first().locator('details tbody tr');
    const seen = new Set<number>();
    const end = Date.now() + 120_000;
    while (Date.now() < end && !(await page.locator('.status.finished').count())) {
      seen.add(await rows.count());
      await page.waitForTimeout(200);
    }
    assert.ok(seen.size >= 4, `the curve was seen at ${[...seen].join(', ')} epochs`);
    assert.equal(await rows.count(), 8);
    await noBarriers(page);
    await stage.shot(page, 'run');
    return `appeared, and grew before our eyes: ${[...seen].join(', ')} epochs`;
  } finally {
    child.kill();
    await page.context().close();
  }
}

/** Test images as PNG files, and what `cifar predict` says of them. */
async function predicted(
  stage: Stage,
  numbers: readonly number[],
  ...run: string[]
): Promise<{ path: string; probabilities: number[] }[]> {
  const { images } = loadTest(CIFAR10, { dataDir: 'data' });
  const paths = numbers.map((number) => {
    const png = new PNG({ width: 32, height: 32 });
    for (let p = 0; p < 1024; p++) {
      const pixel = images.subarray((number * 1024 + p) * 3, (number * 1024 + p) * 3 + 3);
      png.data.set([...pixel, 255], p * 4);
    }
    const path = join(stage.folder, `test-${number}.png`);
    writeFileSync(path, PNG.sync.write(png));
    return path;
  });
  const answers = JSON.parse(await cifar('predict', '--json', '--tta', '--top', '10', ...run, ...paths)) as {
    answers: { classes: { class: string; probability: number }[] }[];
  };
  return paths.map((path, i) => ({
    path,
    probabilities: CIFAR10.classNames.map(
      (name) => answers.answers[i].classes.find((one) => one.class === name)?.probability ?? 0,
    ),
  }));
}

/** What the page shows of a picture, to a tenth of a percent; the classes that it shows. */
async function shownProbabilities(place: Page | Locator): Promise<Map<string, number>> {
  const items = place.locator('.answer .probabilities li');
  await items.first().waitFor({ timeout: 120_000 });
  const meters = await items.evaluateAll((all) =>
    all.map((item) => {
      const { children } = item as unknown as { children: { textContent: string; value: number }[] };
      return [children[0].textContent, children[1].value] as const;
    }),
  );
  return new Map(meters);
}

/** A picture that is dropped on the page, as the browser hands it over. */
async function drop(page: Page, path: string): Promise<void> {
  const bytes = Array.from(readFileSync(path));
  const transfer = await page.evaluateHandle(
    ([name, content]) => {
      const page = globalThis as unknown as {
        DataTransfer: new () => { items: { add(file: unknown): void } };
        File: new (parts: Uint8Array[], name: string, options: { type: string }) => unknown;
      };
      const data = new page.DataTransfer();
      data.items.add(new page.File([Uint8Array.from(content)], name, { type: 'image/png' }));
      return data;
    },
    [path.split('/').pop() ?? '', bytes] as const,
  );
  await page.locator('.drop').dispatchEvent('drop', { dataTransfer: transfer });
}

/** Difference between the page's answer and the program's. */
async function worstDifference(page: Page, expected: readonly number[]): Promise<number> {
  const shown = await shownProbabilities(page);
  assert.equal(shown.size, 5);
  return Math.max(
    ...[...shown].map(([name, value]) => Math.abs(value - expected[CIFAR10.classNames.indexOf(name)])),
  );
}

async function picture(stage: Stage): Promise<string> {
  const answers = await predicted(stage, [0, 7, 412]);
  const small = await predicted(stage, [0], join(stage.models, 'small'));
  const page = await stage.browser.open(at(stage, 'try', 'cifar10-fast96'));
  const worst: Record<string, number> = {};
  for (const device of ['wasm', 'webgpu']) {
    // SwiftShader is slow: a small network shows it.
    if (device === 'webgpu') await page.goto(at(stage, 'try', 'small'));
    await page.getByLabel('Compute by').selectOption(device);
    for (const { path, probabilities } of device === 'wasm' ? answers : small) {
      await drop(page, path);
      await page.getByRole('img', { name: path.split('/').pop() ?? '' }).waitFor();
      worst[device] = Math.max(worst[device] ?? 0, await worstDifference(page, probabilities));
      if (device === 'wasm') await stage.shot(page, 'try');
    }
    assert.match(
      await page.locator('[role=status]').first().innerText(),
      device === 'wasm' ? /WebAssembly/ : /WebGPU/,
    );
    assert.ok(worst[device] < 1e-3, `${device}: ${worst[device]}`);
  }
  await noBarriers(page);
  await page.context().close();
  return `within ${worst.wasm.toExponential(1)} (WebAssembly) and ${worst.webgpu.toExponential(1)} (SwiftShader) of cifar predict`;
}

async function trainHere(stage: Stage): Promise<string> {
  const page = await stage.browser.open(at(stage, 'train'));
  await page.getByLabel('Compute by').selectOption('wasm');
  await page.getByLabel('Images').selectOption('500');
  await page.getByLabel('Epochs').selectOption('4');
  await page.getByRole('button', { name: 'Train' }).click();
  const status = page.locator('p[role=status]').last();
  await page.getByRole('button', { name: 'Pause' }).click({ timeout: 60_000 });
  // The step that is being made is made.
  await page.waitForTimeout(4000);
  const paused = await status.innerText();
  await page.waitForTimeout(1500);
  assert.equal(await status.innerText(), paused, 'a paused training goes on');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText(/^Trained after 4 epochs/).waitFor({ timeout: 240_000 });
  const accuracy = numberIn(await status.innerText());
  assert.ok(accuracy > 0.3, `accuracy ${accuracy}`);
  const { path } = (await predicted(stage, [0]))[0];
  await drop(page, path);
  assert.equal((await shownProbabilities(page)).size, 5);
  await noBarriers(page);
  await stage.shot(page, 'train');
  if (stage.isFull) await trainOnCard(page);
  await page.context().close();
  return `${(100 * accuracy).toFixed(1)} % after 4 epochs of 500 images by WebAssembly`;
}

/** Some steps on what WebGPU there is; its kernels are tried first. */
async function trainOnCard(page: Page): Promise<void> {
  await page.getByLabel('Compute by').selectOption('webgpu');
  await page.getByLabel('Images').selectOption('500');
  await page.getByLabel('Epochs').selectOption('2');
  await page.getByRole('button', { name: 'Train anew' }).click();
  await page.getByText(/step 5 of 10.*WebGPU/).waitFor({ timeout: 900_000 });
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText(/^Stopped after/).waitFor({ timeout: 300_000 });
}

async function mistakes(stage: Stage): Promise<string> {
  const page = await stage.browser.open(at(stage, 'run', 'small', 'mistakes'));
  await page.getByRole('button', { name: 'Measure it' }).click();
  const matrix = page.locator('.confusion');
  await matrix.waitFor({ timeout: 120_000 });
  const cell = matrix.getByRole('button', { name: /of cat taken for dog/ });
  const count = Number(await cell.innerText());
  await cell.click();
  const section = page.locator('section[aria-live]');
  await section.getByText('cat taken for dog').waitFor();
  assert.equal(await section.locator('.card').count(), Math.min(24, count));
  await section.locator('.card button').first().click();
  await section.locator('.neighbours canvas').first().waitFor();
  assert.equal(await section.locator('.neighbours canvas').count(), 4);
  await page.getByText('The surest mistakes, or wrong labels').waitFor();
  await page.waitForTimeout(500);
  await noBarriers(page);
  await stage.shot(page, 'mistakes');
  await page.getByRole('link', { name: 'Classes and calibration' }).click();
  await page.getByText('Expected calibration error').waitFor();
  const shown = numberIn(await page.locator('.figures .large').first().innerText());
  const said = JSON.parse(await cifar('evaluate', 'small', '--models-dir', stage.models, '--json')) as {
    accuracy: number;
    confusion: number[][];
  };
  assert.ok(Math.abs(shown - said.accuracy) < 1e-4, `${shown} is shown, ${said.accuracy} said`);
  assert.equal(count, said.confusion[3][5]);
  await noBarriers(page);
  await stage.shot(page, 'classes');
  await page.context().close();
  return `${count} pictures of a cell, as evaluate counts them; their nearest training images`;
}

/** What training makes of images in an epoch, as bytes: by its own augmenter, on the whole set. */
function augmented(
  images: Uint8Array,
  numbers: readonly number[],
  augment: AugmentConfig,
  epoch: number,
): Uint8Array {
  const { imageShape, statistics } = CIFAR10;
  const augmenter = createAugmenter({ imageShape, statistics, augment, seed: 0, stream: STREAM.augment });
  const batch = new Float32Array(numbers.length * 3072);
  numbers.forEach((number, i) => augmenter.augment(images, number, epoch, batch, i * 3072));
  const mixing = drawMixing(augment, 0, epoch, 0, imageShape);
  if (mixing !== undefined) mixBatch(batch, numbers.length, imageShape, mixing);
  return Uint8Array.from(batch, (value) => Math.round(Math.min(1, Math.max(0, value)) * 255));
}

/** Sliders change the variants as the Node code does, to the pixel. */
async function augmentation(stage: Stage): Promise<string> {
  const page = await stage.browser.open(at(stage, 'augment'));
  const { images } = loadTrain(CIFAR10, { dataDir: 'data', limit: 10 });
  const numbers = [4, 9];
  const first = page.locator('.variants canvas').first();
  await first.waitFor();
  const settings = [
    AUGMENT_PRESETS.normal,
    { ...AUGMENT_PRESETS.normal, rotationDegrees: 90, cutout: 12 },
    { ...AUGMENT_PRESETS.normal, rotationDegrees: 90, cutout: 12, trivial: true as const, cutmix: 1 },
  ];
  const slider = (name: RegExp): Locator => page.getByRole('slider', { name });
  const acts: (() => Promise<unknown>)[] = [
    () => Promise.resolve(),
    async () => {
      await slider(/^Rotation/).fill('90');
      await slider(/^Cutout/).fill('12');
    },
    async () => {
      await page.getByLabel('TrivialAugment').check();
      await slider(/^CutMix/).fill('1');
    },
  ];
  let compared = 0;
  for (const [i, act] of acts.entries()) {
    await act();
    await page.waitForTimeout(500);
    for (const epoch of [0, 7, 19]) {
      const expected = augmented(images, numbers, settings[i], epoch);
      for (const image of [0, 1]) {
        const shown = await pixelsOf(page, '.variants canvas', image * 20 + epoch);
        assert.deepEqual(
          shown,
          Array.from(expected.subarray(image * 3072, (image + 1) * 3072)),
          `settings ${i}, epoch ${epoch}, image ${image}`,
        );
        compared++;
      }
    }
  }
  const json = await page.locator('.settings pre').textContent();
  assert.deepEqual(JSON.parse(json ?? ''), settings[2]);
  await noBarriers(page);
  await stage.shot(page, 'augment');
  await page.context().close();
  return `${compared} variants the same to the pixel`;
}

async function gallery(stage: Stage): Promise<string> {
  const page = await stage.browser.open(at(stage, 'gallery'));
  await page.getByText('10,000 images').waitFor();
  await page.getByLabel('Class').selectOption('frog');
  await page.getByText('1,000 images').waitFor();
  await page.getByLabel('Number').fill('4');
  await page.getByText('1 images').or(page.getByText('1 image,')).first().waitFor();
  const { images } = loadTest(CIFAR10, { dataDir: 'data', limit: 10 });
  await page.waitForTimeout(300);
  assert.deepEqual(await pixelsOf(page, '.card canvas', 0), Array.from(images.subarray(4 * 3072, 5 * 3072)));
  await page.getByLabel('Number').fill('');
  await page.waitForTimeout(800);
  await noBarriers(page);
  await stage.shot(page, 'gallery');
  await page.context().close();
  return 'by class and number';
}

/** Nothing is wider than a phone. */
async function phone(stage: Stage): Promise<string> {
  const page = await stage.browser.open(stage.server.url, { viewport: { width: 390, height: 844 } });
  const rooms = [
    [],
    ['run', 'small'],
    ['run', 'small', 'mistakes'],
    ['run', 'small', 'classes'],
    ['try'],
    ['train'],
    ['augment'],
    ['gallery'],
  ];
  for (const parts of rooms) {
    await page.goto(at(stage, ...parts));
    await page.waitForTimeout(700);
    const width = await page.evaluate('document.documentElement.scrollWidth');
    assert.ok((width as number) <= 390, `${parts.join('/')} is ${String(width)} pixels wide`);
    await stage.shot(page, `phone-${parts.join('-') || 'runs'}`);
  }
  await page.context().close();
  return `${rooms.length} views within 390 pixels`;
}

async function dark(stage: Stage): Promise<string> {
  const page = await stage.browser.open(at(stage, 'run', 'small'), {
    colorScheme: 'dark',
    reducedMotion: 'reduce',
  });
  await page.locator('.chart canvas').first().waitFor();
  await page.waitForTimeout(300);
  await noBarriers(page);
  await stage.shot(page, 'dark-run');
  await page.goto(at(stage, 'run', 'small', 'mistakes'));
  await page.locator('.confusion').waitFor();
  await page.waitForTimeout(500);
  await noBarriers(page);
  await stage.shot(page, 'dark-mistakes');
  await page.context().close();
  return 'readable';
}

/** From the first view to a cell's pictures without a pointer. */
async function keyboard(stage: Stage): Promise<string> {
  const page = await stage.browser.open(stage.server.url);
  await page.getByRole('link', { name: 'small', exact: true }).waitFor();
  const focused = (): Promise<string> =>
    page.evaluate(
      '(document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent ?? "").trim()',
    );
  const tabTo = async (wanted: RegExp): Promise<void> => {
    for (let presses = 0; presses < 120; presses++) {
      await page.keyboard.press('Tab');
      if (wanted.test(await focused())) return;
    }
    assert.fail(`the keyboard does not reach ${wanted.source}`);
  };
  await tabTo(/^small$/);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Mistakes' }).waitFor();
  await tabTo(/^Mistakes$/);
  await page.keyboard.press('Enter');
  await page.locator('.confusion').waitFor();
  await tabTo(/of cat taken for dog$/);
  await page.keyboard.press('Enter');
  await page.getByText('cat taken for dog').first().waitFor();
  await page.goto(at(stage, 'augment'));
  await page.locator('.variants canvas').first().waitFor();
  for (let presses = 0; presses < 40 && !/^Rotation/.test(await labelOf(page)); presses++)
    await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowRight');
  await page.getByText('21°').waitFor();
  await page.context().close();
  return 'runs, mistakes, a cell, a slider';
}

const labelOf = (page: Page): Promise<string> =>
  page.evaluate('(document.activeElement.closest("label") ?? document.activeElement).textContent.trim()');

/** The page as files, below another server's folder. */
async function exported(stage: Stage): Promise<string> {
  const site = join(stage.folder, 'site');
  await cifar('serve', '--export', site, '--images', '300', '--models-dir', stage.models, '--runs', 'small');
  const host = await serveFolder(site, '/class/cifar/');
  try {
    const page = await stage.browser.open(`${host.url}#/run/small/mistakes`);
    await page.locator('.confusion').waitFor();
    await page.goto(`${host.url}#/try`);
    await page.getByLabel('Compute by').selectOption('wasm');
    const [{ path }] = await predicted(stage, [0]);
    await drop(page, path);
    assert.equal((await shownProbabilities(page)).size, 5);
    await page.goto(`${host.url}#/gallery`);
    await page.getByText('300 images').first().waitFor();
    await page.goto(`${host.url}#/train`);
    await page.getByText('training images are not here').waitFor();
    assert.deepEqual(host.missed, []);
    await page.context().close();
    return 'below another server’s folder';
  } finally {
    host.close();
  }
}

async function report(stage: Stage): Promise<string> {
  const path = join(stage.folder, 'report.html');
  await cifar('report', 'small', '--models-dir', stage.models, '--out', path);
  const size = statSync(path).size;
  assert.ok(size <= 5e6, `${size} bytes`);
  const page = await stage.browser.open(pathToFileURL(path).href);
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  await page.reload();
  await page.locator('.chart canvas').first().waitFor();
  await page.getByRole('button', { name: /of cat taken for dog/ }).click();
  await page.locator('section[aria-live] .card').first().waitFor();
  assert.deepEqual(
    requests.filter(
      (url) => !url.startsWith('file:') && !url.startsWith('data:') && !url.startsWith('blob:'),
    ),
    [],
  );
  await noBarriers(page);
  await stage.shot(page, 'report');
  await page.setViewportSize({ width: 390, height: 844 });
  const width = await page.evaluate('document.documentElement.scrollWidth');
  assert.ok((width as number) <= 390, `the report is ${String(width)} pixels wide on a phone`);
  await page.emulateMedia({ media: 'print' });
  await stage.shot(page, 'report-print');
  await page.context().close();
  return `${(size / 1e6).toFixed(1)} MB, offline`;
}
