import { defined, InputError, RefusedError } from '../../base/index.ts';
import { parseTokenAnswer } from '../../model/index.ts';
import type { Credentials } from './docker-config.ts';

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
    ...defined({ signal }),
  });
  if (response.status === 401 || response.status === 403)
    throw new RefusedError(
      'registry-refused',
      `${url.origin} gives no token for ${scope}: it refuses what was shown to it.`,
      'Check user and password; to a controller, GOSHAWK_TOKEN.',
    );
  const text = response.ok ? (await response.text()).slice(0, 65_536) : '';
  const given = parseTokenAnswer(text);
  if (given !== undefined) return given.token;
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
