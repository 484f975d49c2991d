import { InputError, RefusedError } from '../../base/index.ts';
import type { Credentials } from './docker-config.ts';

/** What a registry wants to see, as its `WWW-Authenticate` says. */
export type WantedToken =
  | { readonly kind: 'basic' }
  | { readonly kind: 'bearer'; readonly realm: string; readonly service: string | undefined };

export function wantsToken(header: string | null): WantedToken | undefined {
  if (header === null || header.length > 4_096) return undefined;
  if (/^Basic\b/i.test(header)) return { kind: 'basic' };
  if (!/^Bearer\s/i.test(header)) return undefined;
  const fields = new Map(
    [...header.matchAll(/([a-z_]+)="([^"]*)"/gi)].map(([, key = '', value = '']) => [key, value]),
  );
  const realm = fields.get('realm');
  return realm === undefined ? undefined : { kind: 'bearer', realm, service: fields.get('service') };
}

/** Docker's token scheme. What is shown goes to the registry, or to a host of the same domain with TLS. */
export async function tokenFrom(
  base: string,
  { realm, service }: { readonly realm: string; readonly service: string | undefined },
  scope: string,
  credentials: Credentials | undefined,
  signal: AbortSignal | undefined,
): Promise<string> {
  const url = realmOf(realm, base);
  url.searchParams.set('scope', scope);
  if (service !== undefined) url.searchParams.set('service', service);
  const headers: Record<string, string> = {};
  if (credentials !== undefined)
    headers.authorization = `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`;
  const response = await fetch(url, {
    headers,
    redirect: 'error',
    ...(signal === undefined ? {} : { signal }),
  });
  if (response.status === 401 || response.status === 403)
    throw new RefusedError(
      'registry-refused',
      `${url.origin} gives no token for ${scope}: it refuses what was shown to it.`,
      'Check user and password; to a controller, GOSHAWK_TOKEN.',
    );
  const text = response.ok ? (await response.text()).slice(0, 65_536) : '';
  try {
    const { token, access_token: other } = JSON.parse(text) as { token?: unknown; access_token?: unknown };
    const given = token ?? other;
    if (typeof given === 'string' && /^[\x21-\x7e]{1,16384}$/.test(given)) return given;
  } catch {
    // It is said below.
  }
  throw new InputError(
    'registry-token',
    `${url.origin} answered ${response.status} and no token.`,
    'Is it the address of a registry?',
  );
}

/** A registry that was broken into must not learn a password that is meant for another. */
function realmOf(realm: string, base: string): URL {
  const home = new URL(base);
  const url = URL.parse(realm, base);
  const sameHost = url?.host === home.host && (url.protocol === home.protocol || url.protocol === 'https:');
  const sameDomain =
    url?.protocol === 'https:' && home.protocol === 'https:' && domainOf(url) === domainOf(home);
  if (url !== null && (sameHost || sameDomain)) return url;
  throw new RefusedError(
    'registry-realm',
    `${home.host} wants its password to be sent to ${url?.host ?? realm.slice(0, 100)}.`,
    'A registry asks for tokens at its own host or domain; is it the one that you mean?',
  );
}

/** The last two labels; an address in numbers is its own domain. */
function domainOf({ hostname }: URL): string {
  return /^[\d.]+$|:/.test(hostname) ? hostname : hostname.split('.').slice(-2).join('.');
}
