import type { FastifyReply, FastifyRequest } from 'fastify';
import { RefusedError } from '../../base/index.ts';

/** A session, and a sign-in that is under way. `__Host-`: of this host alone, over TLS alone (RFC 6265bis). */
const names = { session: 'goshawk-session', signIn: 'goshawk-sign-in' } as const;
type CookieName = keyof typeof names;

const value = /^[0-9a-f]{64}$/;
const longest = 8_192;

/** Cookies of this server. `secure`: people reach it by https. */
export class SessionCookies {
  readonly #prefix: string;
  readonly #attributes: string;

  constructor(secure: boolean) {
    this.#prefix = secure ? '__Host-' : '';
    this.#attributes = `Path=/; HttpOnly${secure ? '; Secure' : ''}`;
  }

  read({ headers }: Pick<FastifyRequest, 'headers'>, name: CookieName): string | undefined {
    const wanted = `${this.#prefix}${names[name]}=`;
    const text = (headers.cookie ?? '').slice(0, longest);
    const found = text.split(/; */).find((one) => one.startsWith(wanted));
    const held = found?.slice(wanted.length);
    return held !== undefined && value.test(held) ? held : undefined;
  }

  /** The provider's redirection comes from another site: only the cookie of the sign-in goes along with it. */
  set(reply: FastifyReply, name: CookieName, held: string, seconds: number): void {
    const sameSite = name === 'session' ? 'Strict' : 'Lax';
    reply.header(
      'set-cookie',
      `${this.#prefix}${names[name]}=${held}; ${this.#attributes}; SameSite=${sameSite}; Max-Age=${Math.floor(seconds)}`,
    );
  }

  clear(reply: FastifyReply, name: CookieName): void {
    this.set(reply, name, '', 0);
  }
}

/**
 * A request with a session that another site made the browser send. SameSite keeps such a cookie back; this also holds where
 * other programs share the site, and for what changes nothing.
 */
export function expectSameOrigin({ method, headers }: Pick<FastifyRequest, 'method' | 'headers'>): void {
  const { origin, host, 'sec-fetch-site': site } = headers;
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw foreign();
  if (method === 'GET' || method === 'HEAD') return;
  if (site === 'same-origin') return;
  if (origin !== undefined && URL.canParse(origin) && new URL(origin).host === host) return;
  throw foreign();
}

function foreign(): RefusedError {
  return new RefusedError(
    'session-origin',
    'The request comes from another site.',
    'Use the dashboard, or a token.',
  );
}
