import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DATA_DIR, temporaryFolder } from '../../helpers/folders.js';
import { runCli, startCli } from '../../helpers/cli.js';

const FILE = `
name: three
base: { model: fast-proxy-muon, batchSize: 25, augment: none, epochs: 2, limitTrain: 120, validationSplit: 0.2, optimizer: sgd, momentum: 0.9, weightDecay: 10, backend: wasm, workers: 1 }
space: { learningRate: [0.01, 0.00000001, 100000] }
eta: 2
rungs: [1, 2]
finalSeeds: 2
`;

interface Found {
  results: {
    run: string;
    epochs: number;
    accuracy: number | null;
    status: string;
    values: { learningRate: number };
  }[];
  final: { runs: { seed: number }[] };
  config: string;
}

it('trains the best on, goes on after a kill, and trains the winner again under fresh seeds', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'three.yaml'), FILE);
  const args = ['search', 'three.yaml', '--data-dir', DATA_DIR, '--limit-test', '100', '--json'];
  // Killed in its first rung, it goes on with what there is.
  const first = startCli(args, folder);
  while (!existsSync(join(folder, 'models/three-0/checkpoint.safetensors'))) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  first.process.kill('SIGKILL');
  await first.done;
  const { code, stdout, stderr } = await runCli(args, folder);
  expect([code, stderr.match(/^Error.*/m)?.[0]]).toEqual([0, undefined]);
  const { results, final, config } = JSON.parse(stdout) as Found;
  expect(results.map(({ epochs }) => epochs)).toEqual([2, 2, 1]);
  expect(results[0].accuracy).toBeGreaterThanOrEqual(results[1].accuracy ?? 0);
  // One rate is too high: it diverges, and ranks last.
  expect(results.map(({ status }) => status)).toEqual(['trained', 'trained', 'diverged']);
  expect(results[2].values.learningRate).toBe(1e5);
  expect(final.runs.map(({ seed }) => seed)).toEqual([1001, 1002]);
  expect(readFileSync(join(folder, config), 'utf8')).toContain(
    `\nlearningRate: ${results[0].values.learningRate}\n`,
  );
  expect(readFileSync(join(folder, 'models/three-search.png')).length).toBeGreaterThan(1000);
  // A changed file is another search.
  writeFileSync(join(folder, 'three.yaml'), FILE.replace('eta: 2', 'eta: 3'));
  const changed = await runCli(args, folder);
  expect([changed.code, changed.stderr]).toEqual([2, expect.stringMatching(/has changed since it began/)]);
}, 180_000);
