import type { FastifyInstance, FastifyRequest } from 'fastify';
import { mayAct } from '../../api/index.ts';
import { type Clock, LimitError } from '../../base/index.ts';
import { BoundedMap, type Caller, type FleetController, TokenBucket } from '../../controller/index.ts';
import { forbidden } from './failures.ts';
import { expectReach, narrowTargets } from './scope-gate.ts';
import { expectSameOrigin, type SessionCookies } from './session-cookies.ts';

const failuresPerMinute = 30;
/** So many refusals of a token are in the audit at once, and then one in ten seconds. */
const auditedRefusals = 20;
const maxTokens = 10_000;

/** Every route with a role is for tokens that may act so, on what they may reach; before anything else of the request is read. */
export async function checkTokens(
  app: FastifyInstance,
  {
    controller: { access, audit, people, views },
    clock,
    cookies,
  }: {
    readonly controller: Pick<FleetController, 'access' | 'audit' | 'people' | 'views'>;
    readonly clock: Clock;
    readonly cookies: SessionCookies;
  },
): Promise<void> {
  /** A token goes before a session, which is for browsers. */
  const callerOf = (request: FastifyRequest): Caller => {
    const token = bearer(request.headers.authorization);
    const session = token === undefined ? cookies.read(request, 'session') : undefined;
    if (people === undefined || session === undefined) return access.authenticate(token);
    expectSameOrigin(request);
    return people.authenticate(session);
  };
  const guessed = guessLimit(app);
  const refusals = new BoundedMap<TokenBucket>(
    maxTokens,
    (nowMs) => new TokenBucket(auditedRefusals, auditedRefusals * 10_000, nowMs),
    (pace, nowMs) => pace.full(nowMs),
  );
  const recordRefusal = async (request: FastifyRequest, caller: Caller): Promise<void> => {
    const nowMs = clock.monotonicMs();
    const reads = request.method === 'GET' || request.method === 'HEAD';
    // The audit can only grow: who tries again and again is in it, and not each time.
    if (!reads && refusals.get(caller.tokenId, nowMs).spend(1, nowMs))
      await audit.recordForbidden(
        caller,
        `${request.method} ${request.routeOptions.url ?? ''}`,
        pathOf(request),
      );
  };
  app.addHook('onRequest', async (request) => {
    const { role, reach } = request.routeOptions.config;
    if (role === undefined) return;
    let caller: Caller;
    try {
      caller = callerOf(request);
    } catch (error) {
      throw await guessed(request, error);
    }
    request.caller = caller;
    const view = views.of(caller);
    request.view = view;
    try {
      if (!mayAct(caller.role, role)) throw forbidden(caller.role, role);
      expectReach(reach, view, request.params as object);
    } catch (error) {
      await recordRefusal(request, caller);
      throw error;
    }
  });
  app.addHook('preHandler', async (request) => {
    const { view, routeOptions } = request;
    if (view !== undefined) narrowTargets(routeOptions.config.reach, view, request);
  });
}

/** Without the query, in which somebody may have put a token. */
export function pathOf({ url }: FastifyRequest): string {
  return url.replace(/\?.*$/s, '').slice(0, 300);
}

export function bearer(header: string | undefined): string | undefined {
  // A token with a space in it is a wrong one, and not none.
  return /^Bearer +(\S.*)$/i.exec(header ?? '')?.[1];
}

/** What to answer to a wrong token: why it is refused, or after 30 in a minute from one address that it is too many. */
export function guessLimit(
  app: FastifyInstance,
): (request: FastifyRequest, why: unknown) => Promise<unknown> {
  const failures = app.createRateLimit({ max: failuresPerMinute, timeWindow: 60_000 });
  return async (request, why) => {
    const { isAllowed, ...limit } = await failures(request);
    return !isAllowed && 'isExceeded' in limit && limit.isExceeded ? tooManyAttempts() : why;
  };
}

function tooManyAttempts(): LimitError {
  return new LimitError(
    'too-many-attempts',
    'Too many requests with a wrong token came from this address.',
    'Wait a minute.',
  );
}
