import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { CONTENT_POLICY } from '../util/contentPolicy.js';

/** Whom a server answers. */
export interface Guard {
  /** Names under which it may be called, beside localhost and numbers. */
  hostNames: readonly string[];
}

export const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': `${CONTENT_POLICY}; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(self), microphone=(), geolocation=()',
};

/**
 * Why a request is refused: another site's page, or a name that somebody made lead here (DNS rebinding). Numbers are no names, and lead
 * nowhere else.
 * @returns undefined for one that is answered
 */
export function refusal({ headers, method }: IncomingMessage, { hostNames }: Guard): string | undefined {
  const host = headers.host ?? '';
  const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  if (name !== 'localhost' && isIP(name) === 0 && !hostNames.includes(name)) {
    return `This server is not called ${JSON.stringify(name)}: open it as localhost, or start it with --host-name ${name}.`;
  }
  const { origin } = headers;
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
    return 'Another site asks for this: only pages that came from here are answered.';
  }
  const site = headers['sec-fetch-site'];
  const isOwn = site === undefined || site === 'same-origin' || site === 'none';
  // A link on another page may lead to ours, and to nothing else.
  if (!isOwn && headers['sec-fetch-mode'] !== 'navigate') {
    return 'Another site asks for this: only pages that came from here are answered.';
  }
  if (method === 'POST' && origin === undefined && site === undefined) {
    return 'Only pages that came from here may ask for that.';
  }
  return undefined;
}
