import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { mayAct } from '../../../api/index.ts';
import { describeError, MissingError, type RateLimitedLog, RefusedError } from '../../../base/index.ts';
import {
  type Endpoint,
  isInScope,
  type OciRegistry,
  parseEndpoint,
  type RegistryCaller,
  roleFor,
  scopeText,
  wantedBy,
} from '../../../controller/index.ts';
import { limitRest } from '../body-time.ts';
import { forbidden } from '../failures.ts';
import { baseOf, challenge } from './credentials.ts';
import { registryFailure } from './registry-failures.ts';
import { answerRegistry } from './registry-handlers.ts';

export interface RegistryRoutesPorts {
  readonly registry: OciRegistry;
  readonly log: RateLimitedLog;
  readonly publicUrl: string | undefined;
  /** The caller; undefined: without credentials. RefusedError or LimitError for wrong ones. */
  readonly authenticate: (request: FastifyRequest) => Promise<RegistryCaller | undefined>;
  /** A refusal of something that would change things, for the audit. */
  readonly onForbidden: (asks: RegistryCaller, request: FastifyRequest) => Promise<void>;
  /** Waits for a turn, before the body is read; false where the client is gone by then. */
  readonly turn: (request: FastifyRequest, reply: FastifyReply, asks: RegistryCaller) => Promise<boolean>;
}

interface Asked {
  readonly endpoint: Endpoint;
  readonly asks: RegistryCaller;
}

/** The OCI distribution API below `/v2/`. */
export async function addRegistry(app: FastifyInstance, ports: RegistryRoutesPorts): Promise<void> {
  await app.register(async (scope) => {
    const asked = new WeakMap<FastifyRequest, Asked>();
    // Blobs are streams whatever their content type says.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    scope.setErrorHandler((error, request, reply) => sendFailure(ports, error, request, reply));
    scope.addHook('onRequest', async (request, reply) => {
      reply.header('docker-distribution-api-version', 'registry/2.0');
      const one = await admit(ports, request, reply);
      asked.set(request, one);
      if (!(await ports.turn(request, reply, one.asks))) return reply;
      return undefined;
    });
    const handler = async (request: FastifyRequest, reply: FastifyReply) => {
      const { endpoint, asks } = asked.get(request) as Asked;
      await answerRegistry({ registry: ports.registry, asks, request, reply }, endpoint);
      return reply;
    };
    const method = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
    scope.route({ method, url: '/v2', schema: { hide: true }, handler });
    scope.route({ method, url: '/v2/*', schema: { hide: true }, handler });
  });
}

/** Everything that is decided before a byte of the body is read. */
async function admit(
  ports: RegistryRoutesPorts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Asked> {
  const { '*': path = '' } = request.params as { '*'?: string };
  const base = baseOf(request, ports.publicUrl);
  const challenged = (wanted: ReturnType<typeof wantedBy>, error?: string) =>
    reply.header('www-authenticate', challenge(base, new URL(base).host, scopeText(wanted), error));
  let asks: RegistryCaller | undefined;
  try {
    asks = await ports.authenticate(request);
  } catch (error) {
    challenged(wantedOf(request.method, path), 'invalid_token');
    throw error;
  }
  if (asks === undefined) {
    challenged(wantedOf(request.method, path));
    throw tokenMissing();
  }
  const endpoint = parseEndpoint(path);
  if (endpoint === undefined) throw endpointUnknown(path);
  const wanted = wantedBy(request.method, endpoint);
  if (!isInScope(asks.scopes, wanted) && mayAct(asks.caller.role, roleFor(wanted))) {
    challenged(wanted, 'insufficient_scope');
    throw tokenMissing();
  }
  await expectAllowed(ports, request, asks, endpoint);
  return { endpoint, asks };
}

async function expectAllowed(
  { registry, onForbidden }: RegistryRoutesPorts,
  request: FastifyRequest,
  asks: RegistryCaller,
  endpoint: Endpoint,
): Promise<void> {
  const wanted = wantedBy(request.method, endpoint);
  const needed = roleFor(wanted);
  if (!mayAct(asks.caller.role, needed)) {
    if (request.method !== 'GET' && request.method !== 'HEAD') await onForbidden(asks, request);
    throw forbidden(asks.caller.role, needed);
  }
  if (endpoint.kind === 'tags' && asks.caller.role === 'device') throw forbidden('device', 'viewer');
  const reads =
    endpoint.kind === 'manifest'
      ? endpoint.reference
      : endpoint.kind === 'blob' || endpoint.kind === 'referrers'
        ? endpoint.digest
        : undefined;
  if (reads !== undefined && 'name' in endpoint && !registry.mayRead(asks, endpoint.name, reads))
    throw notOrdered();
}

/** For the challenge, where even the address may be wrong. */
function wantedOf(method: string, path: string): ReturnType<typeof wantedBy> {
  try {
    const endpoint = parseEndpoint(path);
    return endpoint && wantedBy(method, endpoint);
  } catch {
    return undefined;
  }
}

function sendFailure(
  { log }: RegistryRoutesPorts,
  cause: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { status, error, body } = registryFailure(cause);
  if (status >= 500)
    log.error(`registry ${error.code}`, 'A request to the registry failed', {
      ...{ method: request.method, path: request.url.replace(/\?.*$/s, '').slice(0, 300), code: error.code },
      cause: describeError(error.cause ?? error),
    });
  if (status === 429) reply.header('retry-after', 5 + Math.floor(Math.random() * 25));
  limitRest(request, reply);
  return reply.code(status).type('application/json').serializer(JSON.stringify).send(body);
}

function tokenMissing(): RefusedError {
  return new RefusedError(
    'token-refused',
    'The registry wants a token for this.',
    'Log in with a token of the controller as the password; the name does not matter.',
  );
}

function notOrdered(): RefusedError {
  return new RefusedError(
    'forbidden',
    'A device may fetch what it is ordered to run, and this is not part of it.',
    'Order the model first. Earlier orders give no access.',
  );
}

function endpointUnknown(path: string): MissingError {
  return new MissingError(
    'route-unknown',
    `There is no route for /v2/${path.slice(0, 200)}.`,
    'See the OCI distribution specification.',
  );
}
