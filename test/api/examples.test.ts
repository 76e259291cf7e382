import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodePng } from '../../src/io/png.js';
import { testImages } from '../helpers/data.js';
import { DATA_DIR, temporaryFolder } from '../helpers/folders.js';

const EXAMPLES = new URL('../../examples', import.meta.url).pathname;

/** A folder with the data and a picture of a cat, in which an example runs. */
function place(): string {
  const cwd = temporaryFolder();
  symlinkSync(DATA_DIR, join(cwd, 'data'));
  writeFileSync(join(cwd, 'cat.png'), encodePng(testImages(1).images, 32, 32));
  return cwd;
}

async function run(name: string, cwd: string, args: string[] = [], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [join(EXAMPLES, name), ...args], {
    cwd,
    env: { ...process.env, ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}

describe('the examples', () => {
  it('have at most 30 lines of code', () => {
    for (const name of readdirSync(EXAMPLES).filter((file) => file.endsWith('.mjs'))) {
      const lines = readFileSync(join(EXAMPLES, name), 'utf8').trim().split('\n');
      expect(lines.filter((line) => line.trim() !== '').length, name).toBeLessThanOrEqual(30);
    }
  });

  it('train and predict', async () => {
    const cwd = place();
    const env = { IMAGES: '1000' };
    const { code, stdout, stderr } = await run('train-and-predict.mjs', cwd, ['cat.png', 'gone.png'], env);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /epoch 1: 0\.\d+\nepoch 2: 0\.\d+\nmodels\/fast-proxy-fast-s1: \d+\.\d % of the test images/,
    );
    expect(stdout).toMatch(/cat\.png [a-z]+ \d+\.\d %\ngone\.png there is no such file\n$/);
  });

  it('fit a tfjs model', async () => {
    const { code, stdout, stderr } = await run('model-fit.mjs', place());
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const losses = /loss (.*)/.exec(stdout)?.[1].split(' ').map(Number) ?? [];
    expect(losses).toHaveLength(3);
    expect(losses[2]).toBeLessThan(losses[0]);
  });

  it('serve', async () => {
    const cwd = place();
    const child = spawn(process.execPath, [join(EXAMPLES, 'server.mjs')], {
      cwd,
      env: { ...process.env, PORT: '0' },
    });
    try {
      const address = await new Promise<string>((resolve, reject) => {
        child.stdout.on('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
        child.on('close', () => reject(new Error('it ended')));
      });
      const post = (body: Uint8Array) => fetch(address, { method: 'POST', body: Uint8Array.from(body) });
      const [good, bad] = await Promise.all([
        post(readFileSync(join(cwd, 'cat.png'))),
        post(Buffer.from('nothing')),
      ]);
      const { classes } = (await good.json()) as { classes: { class: string }[] };
      expect(classes[0].class).toBe('cat');
      expect(bad.status).toBe(415);
    } finally {
      child.kill();
    }
  });
});
