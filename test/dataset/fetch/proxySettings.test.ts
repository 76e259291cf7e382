import { describe, expect, it } from 'vitest';
import { networkError } from '../../../src/dataset/fetch/networkError.js';
import { proxyName, withProxies } from '../../../src/dataset/fetch/proxySettings.js';

const HOSTS = ['www.example.edu', 'registry.example.org'];
const URL_OF_DATA = 'https://www.example.edu/data.tgz';

describe('a proxy', () => {
  it.each([
    ['localhost:9', 'http://localhost:9', 'the proxy http://localhost:9 (HTTPS_PROXY)'],
    ['http://10.0.0.1:3128', 'http://10.0.0.1:3128', 'the proxy http://10.0.0.1:3128 (HTTPS_PROXY)'],
    ['http://me:secret@proxy:80', 'http://me:secret@proxy:80', 'the proxy http://proxy (HTTPS_PROXY)'],
    ['socks5://proxy:1080', 'socks5://proxy:1080', 'the proxy socks5://proxy:1080 (HTTPS_PROXY)'],
  ])('given as %s is taken, and named without its password', (value, expected, name) => {
    const env = { HTTPS_PROXY: value };
    const settings = withProxies({}, env, HOSTS);
    expect(settings.httpsProxy).toBe(expected);
    expect(proxyName(settings, URL_OF_DATA, env)).toBe(name);
  });

  it('of .npmrc goes before the environment, and is called so', () => {
    const env = { HTTPS_PROXY: 'http://b:2' };
    const settings = withProxies({ httpsProxy: 'http://a:1' }, env, HOSTS);
    expect(proxyName(settings, URL_OF_DATA, env)).toBe('the proxy http://a:1 (of .npmrc)');
  });

  it('that is no address is refused by its variable', () => {
    expect(() => withProxies({}, { HTTPS_PROXY: 'http://[bad' }, HOSTS)).toThrow(
      /The proxy of HTTPS_PROXY is no address: expected http:\/\/host:port, got "http:\/\/\[bad"/,
    );
  });

  it('is not used for any host where NO_PROXY is *, nor for one that is excepted', () => {
    const env = { HTTPS_PROXY: 'a:1', NO_PROXY: '*' };
    const none = withProxies({}, env, HOSTS);
    expect(none).toMatchObject({ httpsProxy: null, proxy: null, noProxy: 'edu,org' });
    expect(proxyName(none, URL_OF_DATA, env)).toBeUndefined();
    const some = withProxies({ noProxy: 'x.org, .example.edu' }, { HTTPS_PROXY: 'a:1' }, HOSTS);
    expect(proxyName(some, URL_OF_DATA, env)).toBeUndefined();
    expect(proxyName(withProxies({}, {}, HOSTS), URL_OF_DATA, {})).toBeUndefined();
  });

  it('that does not answer is what failed, not the host behind it', () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    expect(networkError('host', refused, 'the proxy p').message).toBe(
      'host is asked through the proxy p, and of that: it refuses the connection.',
    );
    expect(networkError('host', Object.assign(new Error(), { code: 'E404' }), 'the proxy p').message).toBe(
      'host, asked through the proxy p: it does not have it.',
    );
    expect(networkError('host', refused).message).toBe('host: it refuses the connection.');
  });
});
