import { CifarError, codeOf, messageOf } from '../../util/errors.js';
import { SourceError } from './sourceError.js';

const REASONS: Record<string, string> = {
  ENOTFOUND: 'its name cannot be resolved (no network? a proxy to set?)',
  EAI_AGAIN: 'its name cannot be resolved (no network? a proxy to set?)',
  ECONNREFUSED: 'it refuses the connection',
  ECONNRESET: 'the connection broke off',
  ERR_STREAM_PREMATURE_CLOSE: 'the connection broke off',
  EPIPE: 'the connection broke off',
  ENETUNREACH: 'there is no network to it',
  EHOSTUNREACH: 'there is no network to it',
  ETIMEDOUT: 'it does not answer',
  ECONNECTIONTIMEOUT: 'it does not answer',
  EIDLETIMEOUT: 'it stopped sending',
  EINTEGRITY: 'what it sent does not match the sum it was published with',
  E401: 'it wants a login (npm login, or a token in .npmrc)',
  E403: 'it refuses access',
  E404: 'it does not have it',
  ETARGET: 'it does not have this version',
};

/** Without a connection, and so, where there is a proxy, the proxy's. */
const CONNECTING = [
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ETIMEDOUT',
  'ECONNECTIONTIMEOUT',
];

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/;

/**
 * A failed transfer in the user's words. An error that has its own message already, such as a full disk's, stays as it
 * is.
 * @param what the source, as the subject of the message
 * @param proxy through which it is asked, as `proxyName` names it
 */
export function networkError(what: string, error: unknown, proxy?: string): CifarError {
  if (error instanceof CifarError) return error;
  const code = codeOf(error) ?? '';
  const reason = CERTIFICATE.test(code)
    ? `its certificate is not trusted (${code}); set cafile in .npmrc, or NODE_EXTRA_CA_CERTS`
    : (REASONS[code] ?? messageOf(error));
  if (proxy === undefined) return new SourceError(`${what}: ${reason}.`, { cause: error });
  const text = CONNECTING.includes(code)
    ? `${what} is asked through ${proxy}, and of that: ${reason}`
    : `${what}, asked through ${proxy}: ${reason}`;
  return new SourceError(`${text}.`, { cause: error });
}
