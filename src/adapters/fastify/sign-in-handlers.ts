import type { FastifyReply, FastifyRequest } from 'fastify';
import type { signInRoutes } from '../../api/index.ts';
import { asGoshawkError, describeError, MissingError, type RateLimitedLog } from '../../base/index.ts';
import type { FleetController, People } from '../../controller/index.ts';
import type { Handlers } from './route.ts';
import { expectSameOrigin, type SessionCookies } from './session-cookies.ts';

export interface SignInPorts {
  readonly people: FleetController['people'];
  /** As people know it. */
  readonly provider: string;
  readonly cookies: SessionCookies;
  readonly log: RateLimitedLog;
}

const signInSeconds = 600;

/** Signing in at a provider of OpenID Connect, and out again. No token is in an address; the page gets none at all. */
export function signInHandlers({
  people,
  provider,
  cookies,
  log,
}: SignInPorts): Handlers<typeof signInRoutes> {
  /** Back to the page, which says what went wrong by its code. */
  const failed = (response: FastifyReply, cause: unknown) => {
    const { code, message } = asGoshawkError(cause, 'sign-in-failed');
    log.warn(`sign-in ${code}`, 'A sign-in failed', {
      code,
      reason: message,
      cause: describeError(cause),
    });
    return goTo(response, `../#sign-in=${encodeURIComponent(code)}`);
  };
  return {
    'GET /auth/ways': ({ request, response }) => {
      response.header('cache-control', 'no-store');
      if (people === undefined) return { signedIn: false };
      return { provider, signedIn: hasSession(people, cookies, request) };
    },
    'GET /auth/sign-in': async ({ response }) => {
      try {
        const { address, browser } = await expectPeople(people).begin();
        cookies.set(response, 'signIn', browser, signInSeconds);
        await goTo(response, address);
      } catch (error) {
        await failed(response, error);
      }
    },
    'GET /auth/callback': async ({ request, response }) => {
      try {
        const browser = cookies.read(request, 'signIn') ?? '';
        const query = request.url.replace(/^[^?]*/, '').slice(0, 4_096);
        const session = await expectPeople(people).finish(browser, query);
        cookies.set(response, 'session', session, expectPeople(people).sessionMs / 1000);
        await goTo(response, '../#/');
      } catch (error) {
        await failed(response, error);
      }
    },
    'POST /auth/sign-out': async ({ request, response }) => {
      expectSameOrigin(request);
      const session = cookies.read(request, 'session');
      cookies.clear(response, 'session');
      if (session !== undefined) await people?.signOut(session);
    },
  };
}

/** Nothing of it stays in a cache, and the address with the code is in no history: it was never shown. */
async function goTo(response: FastifyReply, address: string): Promise<void> {
  await response.code(303).header('cache-control', 'no-store').header('location', address).send('');
}

function hasSession(people: People, cookies: SessionCookies, request: FastifyRequest): boolean {
  const session = cookies.read(request, 'session');
  if (session === undefined) return false;
  try {
    people.authenticate(session);
    return true;
  } catch {
    return false;
  }
}

function expectPeople(people: People | undefined): People {
  if (people !== undefined) return people;
  throw new MissingError(
    'provider-none',
    'This controller knows no provider of OpenID Connect.',
    'Sign in with a token, or set people in its settings.',
  );
}
