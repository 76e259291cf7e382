import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { CIFAR10 } from '../../src/dataset/cifar10.js';
import { encodePng } from '../../src/io/png.js';
import { runCli } from '../helpers/cli.js';
import { IMAGE_BYTES, testImages } from '../helpers/data.js';
import { DATA_DIR, temporaryFolder } from '../helpers/folders.js';

const KEPT = new URL('../../models/cifar10-fast96', import.meta.url).pathname;

interface Answers {
  temperature: number;
  views: string;
  accuracy?: number;
  answers: {
    picture: string;
    folderClass?: string;
    error?: string;
    classes?: { class: string; probability: number }[];
  }[];
}

/** The first test images as PNG files, each in a folder named by its class. */
function pictures(count: number): string {
  const cwd = temporaryFolder();
  const { images, labels } = testImages(count);
  for (let i = 0; i < count; i++) {
    const folder = join(cwd, 'pictures', CIFAR10.classNames[labels[i]]);
    mkdirSync(folder, { recursive: true });
    const rgb = images.subarray(i * IMAGE_BYTES, (i + 1) * IMAGE_BYTES);
    writeFileSync(join(folder, `${i}.png`), encodePng(rgb, 32, 32));
  }
  return cwd;
}

/** The kept model where a command may draw into its folder. */
function keptCopy(cwd: string): string {
  const copy = join(cwd, 'kept');
  cpSync(KEPT, copy, { recursive: true });
  return copy;
}

const predict = async (cwd: string, ...args: string[]) => runCli(['predict', ...args], cwd);

describe('cifar predict', () => {
  it('answers without run, data set or working folder of its own, and names the accuracy', async () => {
    const cwd = pictures(60);
    const { code, stdout, stderr } = await predict(cwd, 'pictures');
    expect(stderr).not.toMatch(/Error/);
    expect(code).toBe(0);
    expect(stdout).toMatch(/pictures\/cat\/0\.png +cat +\d+\.\d %/);
    const accuracy = Number(/accuracy (\d+\.\d\d) % on the 60 pictures/.exec(stdout)?.[1]);
    expect(accuracy).toBeGreaterThan(90);
    expect(stdout).toMatch(/Confusion matrix/);
    // Nothing is written.
    expect(readdirSync(cwd)).toEqual(['pictures']);
  });

  it('takes a run first, and --tta for its own views', async () => {
    const cwd = pictures(60);
    const { code, stdout } = await predict(cwd, KEPT, 'pictures/ship', '--json', '--tta', '--top', '2');
    expect(code).toBe(0);
    const { views, answers } = JSON.parse(stdout) as Answers;
    expect(views).toBe('multicrop');
    expect(answers.every(({ classes, folderClass }) => classes?.length === 2 && folderClass === 'ship')).toBe(
      true,
    );
  });

  it('answers the others when some cannot be read, and ends with 1', async () => {
    const cwd = pictures(60);
    writeFileSync(join(cwd, 'broken.jpg'), 'nothing of the kind');
    const args = ['broken.jpg', 'pictures/frog', 'gone.png', '--json'];
    const { code, stdout, stderr } = await predict(cwd, ...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(/broken\.jpg: it is no picture of a kind that is read/);
    expect(stderr).toMatch(/2 of \d+ pictures could not be read \(see above\); the others are answered/);
    const { answers } = JSON.parse(stdout) as Answers;
    expect(answers[0].error).toMatch(/no picture/);
    expect(answers.at(-1)?.error).toBe('there is no such file');
    expect(answers.slice(1, -1).every(({ classes }) => classes !== undefined)).toBe(true);
  });

  it('reads standard input', async () => {
    const cwd = pictures(60);
    const cli = new URL('../../dist/cli.js', import.meta.url).pathname;
    const child = spawn(process.execPath, [cli, 'predict', '-', '--csv', '--top', '1'], { cwd });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stdin.end(readFileSync(join(cwd, 'pictures/cat/0.png')));
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^picture,folderClass,class1,probability1,error\r\n-,,cat,0\.\d+,\r\n$/);
  });

  it.each([
    [['photo.jpg', '--json', '--csv'], /leave one out/],
    [[KEPT], /is a run: give pictures after it/],
    [['photo.jpg', '--run', 'nobody'], /No run "nobody"/],
    [['photo.jpg', '--out', 'sheet.pdf'], /ends in \.png or \.html/],
    [['photo.jpg', '--fit', 'squeeze'], /crop, pad, stretch/],
    [['--tta', 'photo.jpg', 'other.jpg'], /put --tta last/],
    [['photo.jpg', '--top', '11'], /from 1 to 10/],
    [[], /missing required argument/],
  ])('refuses %j', async (args, message) => {
    const cwd = temporaryFolder();
    const { code, stderr, stdout } = await predict(cwd, ...args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(stdout).toBe('');
  });

  it('says that a folder holds no pictures', async () => {
    const cwd = pictures(60);
    mkdirSync(join(cwd, 'empty'), { recursive: true });
    writeFileSync(join(cwd, 'empty', 'notes.txt'), '');
    const { code, stderr } = await predict(cwd, 'empty');
    expect(stderr).toMatch(/1 other files there are left out[^]*There are no pictures in empty/);
    expect(code).toBe(2);
  });
});

describe('names of files', () => {
  const NAMES = [
    '=cmd|calc.png',
    '-1.png',
    'a,b"c.png',
    'new\nline.png',
    '<img src=x onerror=alert(1)>.png',
    '\u001b[31mred.png',
    "quote'&amp;.png",
    'long'.repeat(50) + '.png',
    'gleich\u202egnp.png',
  ];

  function withNames(): string {
    const cwd = temporaryFolder();
    const { images } = testImages(1);
    for (const name of NAMES) writeFileSync(join(cwd, name), encodePng(images, 32, 32));
    return cwd;
  }

  it('break no table, CSV, JSON or page', async () => {
    const cwd = withNames();
    const table = await predict(cwd, '.');
    expect(table.code).toBe(0);
    expect(table.stdout.trimEnd().split('\n')).toHaveLength(NAMES.length + 2);
    expect(['\u001b', '\u202e'].some((one) => table.stdout.includes(one))).toBe(false);

    const csv = (await predict(cwd, '.', '--csv', '--top', '1')).stdout;
    // As RFC 4180 reads it.
    const cells = [...csv.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r\n)/g)].map(
      ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain,
    );
    const names = cells.filter((_, i) => i % 5 === 0).slice(1);
    expect(new Set(names.map((name) => name.replace(/^\.\//, '')))).toEqual(new Set(NAMES));

    const json = JSON.parse((await predict(cwd, '.', '--json')).stdout) as Answers;
    expect(new Set(json.answers.map(({ picture }) => picture))).toEqual(new Set(NAMES));

    expect((await predict(cwd, '.', '--out', 'sheet.html')).code).toBe(0);
    const page = readFileSync(join(cwd, 'sheet.html'), 'utf8');
    expect(['<img src=x', '\u001b', '\u202e'].some((one) => page.includes(one))).toBe(false);
    expect(page).toMatch(/&lt;img src=x onerror=alert\(1\)&gt;/);
    expect(page).toMatch(/default-src 'none'/);
    expect(page.match(/<figure>/g)).toHaveLength(NAMES.length);
  });

  it('that spreadsheets would compute are written as paths', async () => {
    const cwd = withNames();
    const csv = (await predict(cwd, '--csv', '--', '=cmd|calc.png', '-1.png')).stdout;
    expect(csv).toMatch(/\r\n\.\/=cmd\|calc\.png,[^]*\r\n\.\/-1\.png,/);
  });
});

it('the test images as PNG files have the very probabilities of evaluate', async () => {
  const cwd = temporaryFolder();
  const count = 550;
  const test = testImages(count);
  mkdirSync(join(cwd, 'pictures'));
  for (let i = 0; i < count; i++) {
    const rgb = test.images.subarray(i * IMAGE_BYTES, (i + 1) * IMAGE_BYTES);
    writeFileSync(join(cwd, 'pictures', `${i}.png`), encodePng(rgb, 32, 32));
  }
  const [{ stdout }, evaluated] = await Promise.all([
    predict(cwd, 'pictures', '--json', '--top', '10'),
    runCli(['evaluate', keptCopy(cwd), '--limit-test', String(count), '--data-dir', DATA_DIR, '--json'], cwd),
  ]);
  const { answers } = JSON.parse(stdout) as Answers;
  const { calibrated } = JSON.parse(evaluated.stdout) as { calibrated: { loss: number } };
  // A sum over all images of the logarithms of the right classes' probabilities.
  const losses = answers.map(({ classes }, i) => {
    const name = CIFAR10.classNames[test.labels[i]];
    return -Math.log(classes?.find((one) => one.class === name)?.probability ?? NaN);
  });
  expect(losses.reduce((sum, loss) => sum + loss, 0) / count).toBeCloseTo(calibrated.loss, 6);
});

describe('--out', () => {
  it('draws a sheet, again over its own, and never over somebody’s picture', async () => {
    const cwd = pictures(7);
    expect((await predict(cwd, 'pictures', '--out', 'sheet.png')).code).toBe(0);
    const { width, height } = await sharp(join(cwd, 'sheet.png')).metadata();
    expect(width).toBeGreaterThan(1500);
    expect(height).toBeGreaterThan(500);
    expect((await predict(cwd, 'pictures', '--out', 'sheet.png')).code).toBe(0);
    const mine = join(cwd, 'pictures', 'cat', '0.png');
    const before = readFileSync(mine);
    const { code, stderr } = await predict(cwd, 'pictures', '--out', mine);
    expect(stderr).toMatch(/is there already, and is not what this command writes/);
    expect(code).toBe(2);
    expect(readFileSync(mine)).toEqual(before);
    expect(existsSync(join(cwd, 'sheet.png'))).toBe(true);
  });
});
