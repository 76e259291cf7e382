import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { programCommit } from '../../src/util/commit.js';
import { temporaryFolder } from '../helpers/folders.js';

it('programCommit is that of the repository whose top the program is, not of one that it is installed in', () => {
  const repository = temporaryFolder();
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
      cwd: repository,
      encoding: 'utf8',
    }).trim();
  git('init', '--quiet');
  mkdirSync(join(repository, 'src'));
  writeFileSync(join(repository, 'src', 'a.ts'), 'a');
  git('add', '.');
  git('commit', '--quiet', '-m', 'first');
  const head = git('rev-parse', 'HEAD');
  expect(programCommit(repository)).toBe(head);
  writeFileSync(join(repository, 'src', 'a.ts'), 'b');
  expect(programCommit(repository)).toBe(`${head}+changes`);
  const installed = join(repository, 'node_modules', 'cifar');
  mkdirSync(installed, { recursive: true });
  expect(programCommit(installed)).toBeUndefined();
  expect(programCommit(temporaryFolder())).toBeUndefined();
});
