import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { pipeline } from 'node:stream/promises';
import rateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { apiPrefix, eventRoutes, mayAct, metricRoutes, streamRoutes } from '../../api/index.ts';
import {
  type Cancel,
  type Clock,
  type Log,
  MissingError,
  RateLimitedLog,
  RefusedError,
} from '../../base/index.ts';
import { type Caller, type FleetReader, type LocalUpdates, wholeFleet } from '../../controller/index.ts';
import { ConnectionGate, rejectUnanswered } from '../../platform/index.ts';
import { limitRest } from './body-time.ts';
import { EventStream } from './event-stream.ts';
import { forbidden, toGoshawkError } from './failures.ts';
import { listenOn } from './listen.ts';
import { RequestLanes } from './request-lanes.ts';
import { type Route, withHandlers } from './route.ts';
import { sendUpdate } from './send-update.ts';
import type { FleetServerPorts } from './server.ts';
import { bearer, guessLimit } from './token-check.ts';
import { typeboxValidator } from './validation.ts';

const maxConnections = 2_000;
const leaderMs = 2_000;
const checkMs = 10_000;
/** Of one connection (RFC 9110, 7.6.1): each side has its own. */
const hopHeaders: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
]);

function passedOn(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopHeaders.has(name)));
}

export interface ApiServerPorts {
  readonly reader: FleetReader;
  readonly updates: LocalUpdates;
  /** Who counts what the server does. */
  readonly metrics: Pick<FleetServerPorts['metrics'], 'answered' | 'streamsOpen' | 'streamed'>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ApiServerOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: { readonly cert: Uint8Array; readonly key: Uint8Array };
  /** PEM of the authority that signed the leader's certificate; the system's when absent. */
  readonly leaderCa?: Uint8Array;
  readonly requestsPerToken: number;
}

/**
 * The API beside the leader: it reads history from the database itself, and forwards everything else. A reader thus needs no
 * leader for it, and a command has one place where it is decided.
 */
export class ApiServer {
  readonly #ports: ApiServerPorts;
  readonly #options: ApiServerOptions;
  readonly #log: RateLimitedLog;
  readonly #lanes: RequestLanes;
  #app: FastifyInstance | undefined;
  #guessed: ReturnType<typeof guessLimit> | undefined;
  readonly #streams = new Map<EventStream, string>();
  #check: Cancel | undefined;
  #leader: { readonly url: string | undefined; readonly readMs: number } | undefined;

  constructor(ports: ApiServerPorts, options: ApiServerOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#log = new RateLimitedLog(ports.log, ports.clock);
    this.#lanes = new RequestLanes(ports.clock, options.requestsPerToken);
  }

  /** Resolves with the address it listens on; rejects with `address-taken` or `address-refused`. */
  async listen(): Promise<string> {
    const { host, port } = this.#options;
    const app = await this.#build();
    return listenOn(app, host, port, maxConnections);
  }

  async close(): Promise<void> {
    this.#check?.();
    for (const stream of [...this.#streams.keys()]) stream.end();
    await this.#app?.close();
  }

  async #build(): Promise<FastifyInstance> {
    const { tls } = this.#options;
    const app: FastifyInstance = Fastify({
      forceCloseConnections: true,
      logger: false,
      https: tls === undefined ? null : { cert: Buffer.from(tls.cert), key: Buffer.from(tls.key) },
    });
    this.#app = app;
    new ConnectionGate(app.server, maxConnections);
    await app.register(rateLimit, { global: false });
    this.#guessed = guessLimit(app);
    app.setValidatorCompiler(typeboxValidator);
    app.setSerializerCompiler(() => JSON.stringify);
    app.decorateRequest('caller', undefined);
    app.decorateRequest('view', undefined);
    // What is forwarded goes as it comes.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    app.setErrorHandler((error, request, reply) => this.#failed(error, request, reply));
    app.addHook('onResponse', async ({ method, routeOptions, is404 }, reply) =>
      this.#ports.metrics.answered({
        // What is forwarded has its route at the leader.
        ...{ method, route: is404 ? 'forwarded' : routeOptions.url },
        ...{ status: reply.statusCode, seconds: reply.elapsedTime / 1000 },
      }),
    );
    for (const route of this.#routes()) this.#add(app, route);
    this.#check = this.#ports.clock.every(checkMs, () => void this.#checkStreams());
    app.setNotFoundHandler(async (request, reply) => {
      await this.#forward(request, reply);
      return reply;
    });
    await app.ready();
    return app;
  }

  #routes(): Route[] {
    const { metrics, events } = this.#ports.reader;
    return withHandlers(
      { ...metricRoutes, ...eventRoutes, 'GET /stream': streamRoutes['GET /stream'] },
      {
        'GET /stream': ({ request, response }) => this.#stream(request, response),
        'GET /devices/:id/metrics': ({ params, query }) => metrics.queryDevice(params.id, query),
        'GET /fleet/metrics': ({ query, view }) => metrics.queryFleet(query, view),
        'GET /devices/:id/events': ({ params, query }) => events.listOfDevice(params.id, query),
        'GET /events': ({ query, view }) => events.listOfFleet(query, view),
      },
    );
  }

  #add(app: FastifyInstance, route: Route): void {
    app.route({
      method: route.method,
      url: `${apiPrefix}${route.url}`,
      schema: { params: route.params, querystring: route.query },
      handler: async (request, reply) => {
        const token = bearer(request.headers.authorization);
        // Sessions of people are in the memory of the leader, and so is who is in a group.
        if (token === undefined || (request.query as { group?: string }).group !== undefined) {
          await this.#forward(request, reply);
          return reply;
        }
        const caller = await this.#authenticate(request, token);
        // What belongs to its part of the fleet is the leader's to know, too.
        if (caller.scope !== undefined) {
          await this.#forward(request, reply);
          return reply;
        }
        request.view = wholeFleet;
        if (route.role !== undefined && !mayAct(caller.role, route.role))
          throw forbidden(caller.role, route.role);
        const leave = await this.#lanes.enter(route, caller.tokenId);
        reply.raw.once('close', leave);
        reply.header('cache-control', 'no-store');
        return route.run(request, reply);
      },
    });
  }

  async #authenticate(request: FastifyRequest, token: string): Promise<Caller> {
    try {
      return await this.#ports.reader.authenticate(token);
    } catch (error) {
      throw error instanceof RefusedError ? ((await this.#guessed?.(request, error)) ?? error) : error;
    }
  }

  /** The state of the fleet comes within a second, with the next update of it. */
  #stream(request: FastifyRequest, reply: FastifyReply): void {
    const { clock, metrics } = this.#ports;
    const stream = new EventStream(reply, clock, (seconds) => metrics.streamed(seconds));
    this.#streams.set(stream, bearer(request.headers.authorization) ?? '');
    this.#ports.metrics.streamsOpen(this.#streams.size);
    const cancel = this.#ports.updates.subscribe({
      update: (update) => sendUpdate(stream, update),
      gap: () => stream.end(),
    });
    stream.onClosed(() => {
      cancel();
      this.#streams.delete(stream);
      this.#ports.metrics.streamsOpen(this.#streams.size);
    });
  }

  /** A stream ends soon after its token was deleted. */
  async #checkStreams(): Promise<void> {
    for (const [stream, token] of [...this.#streams])
      await this.#ports.reader.authenticate(token).catch((error: unknown) => {
        if (error instanceof RefusedError) stream.end();
      });
  }

  /** As it is, to the leader, whose answer is passed on as it comes: streams too. */
  async #forward(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    // A wrong token is refused here: to the leader all requests of this process come from one address.
    const token = bearer(request.headers.authorization);
    if (token?.startsWith('gsk_') === true) await this.#authenticate(request, token);
    const leader = await this.#leaderUrl();
    const outgoing = (leader.protocol === 'https:' ? requestTls : requestPlain)(leader, {
      method: request.method,
      // `//host/path` and `http://host/path` are a path here: whatever a client asks, the leader is asked.
      path: request.raw.url ?? '/',
      headers: { ...passedOn(request.headers), 'x-forwarded-for': request.ip },
      ...(this.#options.leaderCa === undefined ? {} : { ca: Buffer.from(this.#options.leaderCa) }),
    });
    reply.raw.once('close', () => outgoing.destroy());
    await new Promise<void>((resolve, reject) => {
      outgoing.once('response', (answer) => {
        reply.hijack();
        reply.raw.writeHead(answer.statusCode ?? 502, passedOn(answer.headers));
        reply.raw.flushHeaders();
        // One that breaks off breaks off for the client as well.
        pipeline(answer, reply.raw).then(resolve, resolve);
      });
      const failed = (cause: Error) => {
        this.#leader = undefined;
        if (reply.sent) resolve();
        else reject(leaderAway(cause));
      };
      outgoing.once('error', failed);
      rejectUnanswered(outgoing, (cause) => {
        if (!reply.sent) failed(cause);
      });
      request.raw.pipe(outgoing);
    });
  }

  /** MissingError `leader-away`. */
  async #leaderUrl(): Promise<URL> {
    const { reader, clock } = this.#ports;
    const nowMs = clock.monotonicMs();
    if (this.#leader === undefined || nowMs - this.#leader.readMs > leaderMs)
      this.#leader = { url: await reader.leaderUrl(), readMs: nowMs };
    if (this.#leader.url === undefined) throw leaderAway(undefined);
    return new URL(this.#leader.url);
  }

  #failed(cause: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const { status, error } = toGoshawkError(cause);
    const { code, remedy } = error;
    if (status >= 500)
      this.#log.error(code, 'A request failed', { method: request.method, code, cause: error.message });
    const message = status === 500 ? 'The process failed at this request.' : error.message;
    limitRest(request, reply);
    return reply
      .code(status)
      .type('application/json')
      .serializer(JSON.stringify)
      .send({ code, message, remedy });
  }
}

function leaderAway(cause: unknown): MissingError {
  return new MissingError(
    'leader-away',
    'No controller with the role control answers at the moment.',
    'Try again in some seconds, when a standby has taken over; check that one runs.',
    { cause },
  );
}
