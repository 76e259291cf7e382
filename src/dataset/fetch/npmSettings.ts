import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Config from '@npmcli/config';
import npmOptions from '@npmcli/config/lib/definitions/index.js';
import { CifarError, messageOf } from '../../util/errors.js';
import { withProxies } from './proxySettings.js';
import { TORONTO } from './source.js';

/** npm's settings in the form its libraries take: registry, proxies, certificates, credentials, cache and more. */
export type NpmSettings = Readonly<Record<string, unknown>>;

/**
 * The user's npm settings — from `npm_config_*` variables, the project's and the user's .npmrc, the global and the
 * built-in one — read by npm's own reader, so that a mirror, a proxy or a token that serves npm serves us too.
 * @param env the environment to read them from
 * @param cwd the folder whose project .npmrc counts
 * @throws CifarError when they cannot be read
 */
export async function readNpmSettings(
  env: NodeJS.ProcessEnv = process.env,
  cwd: string = process.cwd(),
): Promise<NpmSettings> {
  const config = new Config({
    npmPath: findNpm(env),
    ...npmOptions,
    // A copy: the reader sets variables for npm's child processes.
    env: { ...env },
    // Our own command line holds no npm options.
    argv: [process.execPath, 'cifar'],
    cwd,
  });
  try {
    await config.load();
    const settings: NpmSettings = config.flat;
    const hosts = [TORONTO.url, String(settings.registry)].map((url) => new URL(url).hostname);
    return withProxies(settings, env, hosts);
  } catch (error) {
    if (error instanceof CifarError) throw error;
    throw new CifarError(`Cannot read the settings of npm: ${messageOf(error)}.`, { cause: error });
  }
}

/** npm's own folder, for its built-in npmrc; when it is nowhere the others still count. */
function findNpm(env: NodeJS.ProcessEnv): string {
  const nodeFolder = dirname(process.execPath);
  const beside = resolve(nodeFolder, '..', 'lib', 'node_modules', 'npm');
  const candidates = [
    ...(env.npm_execpath ? [resolve(dirname(env.npm_execpath), '..')] : []),
    beside,
    join(nodeFolder, 'node_modules', 'npm'),
    '/usr/share/nodejs/npm',
  ];
  return candidates.find((folder) => existsSync(join(folder, 'bin', 'npm-cli.js'))) ?? beside;
}
