import { MissingError, RefusedError } from '../../base/index.ts';
import { type Challenge, type IssuedToken, parseTokenAnswer } from '../../model/index.ts';
import { notAllowed, readSmall, refusalOf } from './failures.ts';
import { type HttpRequest, send } from './http.ts';

/** A token is a few kB. */
const largestToken = 65_536;
type BearerChallenge = Extract<Challenge, { readonly kind: 'bearer' }>;

/**
 * Where the registry's own token server may be. `own`: whatever the registry calls itself, it is asked at the origin that the
 * settings name, as a device does. `domain`: that, or another host of its domain with TLS.
 */
export type TokenServer = 'own' | 'domain';

/** Docker's token scheme. What is shown goes to the registry, or to a host of its domain where that is allowed. */
export async function tokenFrom(
  base: string,
  challenge: BearerChallenge,
  scope: string,
  tokenServer: TokenServer,
  request: HttpRequest,
): Promise<IssuedToken> {
  const named = URL.parse(challenge.realm, base);
  const url = realmOf(named, base, tokenServer);
  if (challenge.service !== undefined) url.searchParams.set('service', challenge.service);
  url.searchParams.set('scope', scope);
  const answer = await send(url.href, request);
  const where = `${url.origin}${url.pathname}`;
  if (answer.status === 404 && named?.origin !== url.origin) throw elsewhere(base, named);
  if (answer.status === 401 || answer.status === 403) {
    await answer.end();
    throw notAllowed(where, `gives no token for ${scope}: it refuses what was shown to it`);
  }
  if (!answer.ok) throw await refusalOf(where, answer);
  const given = parseTokenAnswer(new TextDecoder().decode(await readSmall(answer, largestToken, where)));
  if (given !== undefined) return given;
  throw new MissingError(
    'registry-token',
    `${where} gave no token.`,
    'Check that this is the address of a registry.',
  );
}

/** A registry that was broken into must not learn a password that is meant for another. */
function realmOf(named: URL | null, base: string, tokenServer: TokenServer): URL {
  const home = new URL(base);
  if (tokenServer === 'own') return new URL(`${named?.pathname ?? '/'}${named?.search ?? ''}`, base);
  const sameHost =
    named?.host === home.host && (named.protocol === home.protocol || named.protocol === 'https:');
  const sameDomain =
    named?.protocol === 'https:' && home.protocol === 'https:' && domainOf(named) === domainOf(home);
  if (named !== null && (sameHost || sameDomain)) return named;
  throw elsewhere(base, named);
}

function elsewhere(base: string, named: URL | null): RefusedError {
  return new RefusedError(
    'registry-realm',
    `${base} refers to ${named?.host || 'an unnamed host'} for a token; Goshawk shows its credentials only to the registry that you named.`,
    'Name a registry that issues its own tokens (on a device: artifacts.registry).',
  );
}

/** The last two labels; an address in numbers is its own domain. */
function domainOf({ hostname }: URL): string {
  return /^[\d.]+$|:/.test(hostname) ? hostname : hostname.split('.').slice(-2).join('.');
}
