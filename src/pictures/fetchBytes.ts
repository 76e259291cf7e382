import fetch, { type FetchOptions, type Response } from 'make-fetch-happen';
import { messageOf } from '../util/errors.js';
import { PictureError } from './decode.js';
import { readBytes } from './readBytes.js';

const MOST_BYTES = 32 * 2 ** 20;
const MOST_REDIRECTS = 5;
const MOST_MS = 30_000;

/**
 * Fetches what is at an address, through the proxy that the environment names (HTTPS_PROXY, HTTP_PROXY, NO_PROXY): at most 32 MiB
 * in at most 30 s, through at most five redirections, each to http or https, and none from https to http.
 * @throws PictureError saying why not
 */
export async function fetchBytes(
  address: string,
  signal?: AbortSignal,
  limits = { bytes: MOST_BYTES, ms: MOST_MS },
): Promise<Buffer> {
  const late = AbortSignal.timeout(limits.ms);
  const enough = new AbortController();
  const signals = [late, enough.signal, ...(signal === undefined ? [] : [signal])];
  try {
    const response = await follow(address, AbortSignal.any(signals));
    if (response.status !== 200) {
      throw new PictureError(`its server answered with status ${response.status} (${response.statusText})`);
    }
    return await readBytes(response.body, limits.bytes);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof PictureError) throw error;
    if (late.aborted)
      throw new PictureError(`it had not come whole after ${limits.ms / 1000} s`, { cause: error });
    throw new PictureError(`it cannot be fetched (${messageOf(error)})`, { cause: error });
  } finally {
    // Whatever still comes is not waited for.
    enough.abort();
  }
}

async function follow(address: string, signal: AbortSignal): Promise<Response> {
  let url = parsed(address);
  for (let redirects = 0; ; redirects++) {
    const options: FetchOptions = { redirect: 'manual', cache: 'no-store', retry: { retries: 0 }, signal };
    const response = await fetch(url.href, options);
    // What goes wrong after the body has been left concerns nobody.
    response.body.on('error', () => undefined);
    if (![301, 302, 303, 307, 308].includes(response.status)) return response;
    response.body.resume();
    if (redirects === MOST_REDIRECTS) throw new PictureError(`it leads on more than ${MOST_REDIRECTS} times`);
    const location = response.headers.get('location');
    if (location === null) throw new PictureError('it leads on, and does not say where');
    const next = parsed(location, url);
    if (url.protocol === 'https:' && next.protocol === 'http:') {
      throw new PictureError(`it leads from https to http (${next.href}): give that address if you trust it`);
    }
    url = next;
  }
}

function parsed(address: string, base?: URL): URL {
  const from = base === undefined ? '' : ', to which it leads,';
  if (!URL.canParse(address, base?.href)) throw new PictureError(`"${address}"${from} is no address`);
  const url = new URL(address, base);
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw new PictureError(
    `addresses of pictures begin with http: or https:, and "${url.protocol}"${from} is neither`,
  );
}
