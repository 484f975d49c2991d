import { createHash, randomBytes } from 'node:crypto';

/** The header that answers a server's `WWW-Authenticate`; undefined for a way that is not known (RFC 7617, RFC 7616). */
export function authorizationFor(
  challenge: string,
  request: {
    readonly method: string;
    readonly path: string;
    readonly user: string;
    readonly password: string;
  },
): string | undefined {
  const { method, path, user, password } = request;
  if (/^\s*basic\b/i.test(challenge)) return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  if (!/\bdigest\b/i.test(challenge)) return undefined;
  const parameters = new Map(
    [...challenge.matchAll(/([a-z]+)=(?:"([^"]*)"|([^\s,]+))/gi)].map(
      ([, name = '', quoted, bare]) => [name.toLowerCase(), quoted ?? bare ?? ''] as const,
    ),
  );
  const algorithm = parameters.get('algorithm') ?? 'MD5';
  const name = { md5: 'md5', 'sha-256': 'sha256' }[algorithm.toLowerCase()];
  if (name === undefined) return undefined;
  const hash = (text: string) => createHash(name).update(text).digest('hex');
  const realm = parameters.get('realm') ?? '';
  const nonce = parameters.get('nonce') ?? '';
  const isAuth = (parameters.get('qop') ?? '').split(/\s*,\s*/).includes('auth');
  const count = '00000001';
  const own = randomBytes(8).toString('hex');
  const secret = hash(`${user}:${realm}:${password}`);
  const asked = hash(`${method}:${path}`);
  const response = isAuth
    ? hash(`${secret}:${nonce}:${count}:${own}:auth:${asked}`)
    : hash(`${secret}:${nonce}:${asked}`);
  const opaque = parameters.get('opaque');
  return [
    `Digest username="${user.replaceAll('"', '')}"`,
    `realm="${realm}"`,
    `nonce="${nonce}"`,
    `uri="${path}"`,
    `response="${response}"`,
    `algorithm=${algorithm}`,
    ...(isAuth ? ['qop=auth', `nc=${count}`, `cnonce="${own}"`] : []),
    ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
  ].join(', ');
}
