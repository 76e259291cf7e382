import { CifarError } from '../../util/errors.js';

/** npm's settings, as npmSettings.ts reads them. */
type Settings = Readonly<Record<string, unknown>>;

/** Where npm and its libraries look for a proxy, for messages. */
const VARIABLES = [
  ...['npm_config_https_proxy', 'npm_config_proxy'],
  ...['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'PROXY', 'proxy'],
];

/**
 * npm's settings with proxies as its libraries take them: an address without a scheme, which curl and browsers take for http,
 * gets that; and where NO_PROXY is `*`, no host is asked through one.
 * @param settings httpsProxy, proxy, noProxy, registry
 * @throws CifarError naming the variable when its value is no address
 */
export function withProxies(settings: Settings, env: NodeJS.ProcessEnv, hosts: readonly string[]): Settings {
  const noProxy = [settings.noProxy, env.NO_PROXY, env.no_proxy].flatMap((value) =>
    typeof value === 'string' ? value.split(',') : Array.isArray(value) ? (value as string[]) : [],
  );
  const none = noProxy.some((host) => String(host).trim() === '*');
  // Their libraries know no `*`, and look into the environment again where no proxy is given: but the end of a name stands
  // for all that end so.
  if (none) return { ...settings, proxy: null, httpsProxy: null, noProxy: hosts.map(lastLabel).join(',') };
  // The libraries would take the variable as it stands.
  const httpsProxy = settings.httpsProxy ?? settings.proxy ?? env.HTTPS_PROXY ?? env.https_proxy;
  return { ...settings, httpsProxy: address(httpsProxy, env), proxy: address(settings.proxy, env) };
}

/** The proxy through which an https address is asked, as messages name it; undefined without one. */
export function proxyName(
  settings: Settings,
  url: string,
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const proxy = settings.httpsProxy ?? settings.proxy;
  if (typeof proxy !== 'string' || isExcepted(new URL(url).hostname, settings.noProxy)) return undefined;
  const { protocol, host } = new URL(proxy);
  return `the proxy ${protocol}//${host} (${variableOf(proxy, env) ?? 'of .npmrc'})`;
}

function address(value: unknown, env: NodeJS.ProcessEnv): unknown {
  if (typeof value !== 'string' || value.trim() === '') return value;
  const url = withScheme(value);
  if (URL.canParse(url)) return url;
  throw new CifarError(
    `The proxy of ${variableOf(url, env) ?? '.npmrc'} is no address: expected http://host:port, got ${JSON.stringify(value)}.`,
  );
}

const withScheme = (value: string): string =>
  /^[a-z][a-z\d+.-]*:\/\//i.test(value.trim()) ? value.trim() : `http://${value.trim()}`;

function variableOf(proxy: string, env: NodeJS.ProcessEnv): string | undefined {
  const same = (name: string): boolean =>
    env[name] !== undefined && sameAddress(withScheme(env[name]), proxy);
  return VARIABLES.find(same);
}

function sameAddress(a: string, b: string): boolean {
  return a === b || (URL.canParse(a) && URL.canParse(b) && new URL(a).href === new URL(b).href);
}

function isExcepted(host: string, noProxy: unknown): boolean {
  const names = typeof noProxy === 'string' ? noProxy.split(',') : Array.isArray(noProxy) ? noProxy : [];
  return names
    .map((name) => String(name).trim().replace(/^\./, ''))
    .some((name) => name !== '' && (host === name || host.endsWith(`.${name}`)));
}

const lastLabel = (host: string): string => host.split('.').at(-1) ?? host;
