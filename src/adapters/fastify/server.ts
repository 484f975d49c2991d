import { existsSync } from 'node:fs';
import rateLimit from '@fastify/rate-limit';
import staticFiles from '@fastify/static';
import swagger from '@fastify/swagger';
import { Type } from '@sinclair/typebox';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import {
  apiPrefix,
  ErrorBody,
  operationRoutes,
  reachText,
  routes,
  signInRoutes,
  tufRoutes,
} from '../../api/index.ts';
import { type Clock, defined, describeError, type Log, RateLimitedLog } from '../../base/index.ts';
import type { FleetController, OciRegistry } from '../../controller/index.ts';
import { ConnectionGate } from '../../platform/index.ts';
import { accessHandlers } from './access-handlers.ts';
import { alertHandlers } from './alert-handlers.ts';
import { limitBodyTime, limitRest } from './body-time.ts';
import { clipHandlers } from './clip-handlers.ts';
import { addCompression } from './compression.ts';
import {
  deviceHandlers,
  groupHandlers,
  historyHandlers,
  slotHandlers,
  targetHandlers,
} from './device-handlers.ts';
import { addDocs } from './docs-pages.ts';
import { driftHandlers, frameHandlers } from './drift-handlers.ts';
import { enrolmentHandlers } from './enrolment-handlers.ts';
import { EventStream } from './event-stream.ts';
import { toGoshawkError } from './failures.ts';
import { listenOn } from './listen.ts';
import { modelHandlers } from './model-handlers.ts';
import { profileHandlers } from './profile-handlers.ts';
import { RegistryTokens } from './registry/registry-tokens.ts';
import { addRegistry, type RegistryRoutesPorts } from './registry/routes.ts';
import { remoteHandlers } from './remote-handlers.ts';
import { type LaneOf, RequestLanes } from './request-lanes.ts';
import { approvalHandlers, labelHandlers, rolloutHandlers } from './rollout-handlers.ts';
import { type Route, withHandlers } from './route.ts';
import { SessionCookies } from './session-cookies.ts';
import { signInHandlers } from './sign-in-handlers.ts';
import { siteHandlers } from './site-handlers.ts';
import { streamHandlers } from './stream-handlers.ts';
import { checkTokens, pathOf } from './token-check.ts';
import { trustHandlers, tufHandlers } from './trust-handlers.ts';
import { typeboxValidator } from './validation.ts';

export interface FleetServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Built dashboard; where it is absent the server says so on `/`. */
  readonly dashboard?: string;
  /** Tiles of the map, by default none. */
  readonly map?: { readonly tiles: string; readonly attribution: string };
  /** Built documentation. */
  readonly docs?: string;
  /** Where clients reach it, when a proxy stands before it. */
  readonly publicUrl?: string;
  /** PEM certificate and key: the server itself speaks TLS. */
  readonly tls?: { readonly cert: string | Uint8Array; readonly key: string | Uint8Array };
  /** Name of the provider that people sign in at. */
  readonly provider?: string;
  /** Let Prometheus read `/metrics` without a token. */
  readonly publicMetrics?: boolean;
  /** Heavy requests of one token at the same time; 4 when not set. */
  readonly requestsPerToken?: number;
  readonly version: string;
}

export interface FleetServerPorts {
  readonly controller: FleetController;
  /** What `/metrics` shows, and who counts what the server does. */
  readonly metrics: {
    readonly contentType: string;
    text(): Promise<string>;
    answered(request: {
      readonly method: string;
      readonly route: string | undefined;
      readonly status: number;
      readonly seconds: number;
    }): void;
    streamsOpen(count: number): void;
    /** One message of a stream is with the system, so many seconds after it was to be sent. */
    streamed(seconds: number): void;
  };
  readonly clock: Clock;
  readonly log: Log;
}

const maxBodyBytes = 1024 * 1024;
/** Time-out of an idle connection: a reader or an upload that stopped. Streams have a heartbeat. */
const idleMs = 120_000;
/** Also so many that wait to be taken: what the system drops is tried again a second later. */
const maxConnections = 2_000;

/** No script and no style but the dashboard's own files; pictures may come as data and blobs, clips as blobs, tiles of the map. */
const headersWith = (tiles: string | undefined) => ({
  'content-security-policy': `default-src 'self'; img-src 'self' data: blob:${tiles === undefined ? '' : ` ${new URL(tiles).origin}`}; media-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
});

/** The fleet's HTTP API, its dashboard and its metrics. */
export class FleetServer {
  readonly routes: readonly Route[];
  readonly #ports: FleetServerPorts;
  readonly #options: FleetServerOptions;
  readonly #streams = new Map<EventStream, string>();
  readonly #lanes: RequestLanes;
  readonly #cookies: SessionCookies;
  readonly #log: RateLimitedLog;
  #app: FastifyInstance | undefined;

  constructor(ports: FleetServerPorts, options: FleetServerOptions) {
    this.#ports = ports;
    this.#options = options;
    const { controller, log, clock } = ports;
    this.#cookies = new SessionCookies(options.publicUrl?.startsWith('https:') ?? options.tls !== undefined);
    this.#lanes = new RequestLanes(clock, options.requestsPerToken ?? 4);
    this.#log = new RateLimitedLog(log, clock);
    controller.access.onDeleted((token) => this.#endStreams(token));
    this.routes = withHandlers(routes, {
      ...deviceHandlers(controller),
      ...groupHandlers(controller),
      ...slotHandlers(controller),
      ...targetHandlers(controller),
      ...labelHandlers(controller),
      ...rolloutHandlers(controller),
      ...approvalHandlers(controller),
      ...historyHandlers(controller),
      ...driftHandlers(controller),
      ...profileHandlers(controller),
      ...frameHandlers(controller, log),
      ...clipHandlers(controller),
      ...remoteHandlers(controller),
      ...alertHandlers(controller),
      ...modelHandlers(controller),
      ...siteHandlers(controller, options.map ?? {}),
      ...accessHandlers(controller),
      ...enrolmentHandlers(controller),
      ...trustHandlers(controller),
      ...streamHandlers(controller, this.#ports.clock, (response, { tokenId }) =>
        this.#openStream(response, tokenId),
      ),
    });
  }

  /** Resolves with the address it listens on; rejects with `address-taken` or `address-refused`. */
  async listen(): Promise<string> {
    const app = await this.build();
    const { host, port } = this.#options;
    return listenOn(app, host, port, maxConnections);
  }

  async close(): Promise<void> {
    for (const stream of [...this.#streams.keys()]) stream.end();
    await this.#app?.close();
  }

  /** The application without a port, for tests with `inject`. */
  async build(): Promise<FastifyInstance> {
    const { tls } = this.#options;
    const app: FastifyInstance = Fastify({
      bodyLimit: maxBodyBytes,
      forceCloseConnections: true,
      connectionTimeout: idleMs,
      logger: false,
      routerOptions: { maxParamLength: 300 },
      https: tls === undefined ? null : { cert: Buffer.from(tls.cert), key: Buffer.from(tls.key) },
    });
    this.#app = app;
    new ConnectionGate(app.server, maxConnections);
    app.setValidatorCompiler(typeboxValidator);
    // Compiling a serializer for a schema at its first answer holds everybody up for half a second.
    app.setSerializerCompiler(() => JSON.stringify);
    app.decorateRequest('caller', undefined);
    app.decorateRequest('view', undefined);
    await app.register(swagger, { openapi: this.#openapi() });
    await app.register(rateLimit, { global: false });
    const headers = headersWith(this.#options.map?.tiles);
    app.addHook('onRequest', async (request, reply) => {
      reply.headers(headers);
      if (request.url.startsWith(apiPrefix)) reply.header('cache-control', 'no-store');
    });
    app.addHook('onResponse', async ({ method, routeOptions, is404 }, reply) =>
      this.#ports.metrics.answered({
        ...{ method, route: is404 ? undefined : routeOptions.url },
        ...{ status: reply.statusCode, seconds: reply.elapsedTime / 1000 },
      }),
    );
    addCompression(app);
    await checkTokens(app, { ...this.#ports, cookies: this.#cookies });
    app.setErrorHandler((error, request, reply) => this.#failed(error, request, reply));
    await app.register(staticFiles, this.#staticOptions());
    await addDocs(app, this.#options.docs);
    app.setNotFoundHandler((request, reply) => this.#notFound(request, reply));
    await app.register(
      async (scope) => {
        for (const one of this.routes) if (!one.bytes) this.#add(scope, one);
        scope.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
        await scope.register(async (raw) => {
          // Uploads are streams whatever their content type says.
          raw.removeAllContentTypeParsers();
          raw.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
          for (const one of this.routes) if (one.bytes) this.#add(raw, one);
        });
      },
      { prefix: apiPrefix },
    );
    await addRegistry(app, this.#registryPorts(app, this.#ports.controller.oci));
    for (const one of this.#operationRoutes()) this.#add(app, one);
    for (const one of this.#signInRoutes()) this.#add(app, one);
    for (const one of withHandlers(tufRoutes, tufHandlers(this.#ports.controller))) this.#add(app, one);
    app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
    await app.ready();
    return app;
  }

  #registryPorts(app: FastifyInstance, registry: OciRegistry): RegistryRoutesPorts {
    const { controller, clock } = this.#ports;
    const { publicUrl } = this.#options;
    const tokens = new RegistryTokens(app, { controller, registry, clock });
    return {
      ...{ registry, log: this.#log, publicUrl },
      authenticate: (request) => tokens.authenticate(request),
      onForbidden: (asks, request) => tokens.recordForbidden(asks, request),
      turn: async (request, reply, asks) => {
        const reads = request.method === 'GET' || request.method === 'HEAD';
        return this.#turn({ method: reads ? 'GET' : 'PUT' }, asks.caller.tokenId, reply);
      },
    };
  }

  #signInRoutes(): Route[] {
    const { people } = this.#ports.controller;
    const { provider = 'OpenID Connect' } = this.#options;
    return withHandlers(
      signInRoutes,
      signInHandlers({ people, provider, cookies: this.#cookies, log: this.#log }),
    );
  }

  #operationRoutes(): Route[] {
    const all = withHandlers(operationRoutes, {
      'GET /healthz': ({ response }) => {
        const { status, body } = this.health();
        response.code(status);
        return body;
      },
      'GET /metrics': async ({ response }) => {
        const { metrics } = this.#ports;
        await response.type(metrics.contentType).send(await metrics.text());
      },
    });
    const isPublic = this.#options.publicMetrics === true;
    return all.map(({ role, ...open }) =>
      role === undefined || (isPublic && open.key === 'GET /metrics') ? open : { ...open, role },
    );
  }

  /** Whether the controller works: for GET /healthz, and for whoever asks this process. */
  health() {
    const { broker, storageFault } = this.#ports.controller.summary.current();
    const well = broker === 'online' && storageFault === undefined;
    const body = { status: well ? 'ok' : 'degraded', broker, storage: storageFault?.code ?? 'ok' } as const;
    return { status: storageFault === undefined ? 200 : 503, body };
  }

  /** A stream ends with its reader, or with the server. */
  #openStream(response: FastifyReply, token: string): EventStream {
    const { clock, metrics } = this.#ports;
    const stream = new EventStream(response, clock, (seconds) => metrics.streamed(seconds));
    this.#streams.set(stream, token);
    this.#ports.metrics.streamsOpen(this.#streams.size);
    stream.onClosed(() => {
      this.#streams.delete(stream);
      this.#ports.metrics.streamsOpen(this.#streams.size);
    });
    return stream;
  }

  #endStreams(ofToken: string): void {
    for (const [stream, token] of [...this.#streams]) if (token === ofToken) stream.end();
  }

  #add(app: FastifyInstance, one: Route): void {
    const errors = { '4xx': ErrorBody, '5xx': ErrorBody };
    const done = one.raw === undefined ? (one.reply ?? Type.Null({ description: 'Done' })) : undefined;
    const status = one.status ?? (one.reply === undefined && one.raw === undefined ? 204 : 200);
    app.route({
      method: one.method,
      url: one.url,
      config: defined({ role: one.role, reach: one.reach }),
      schema: {
        tags: [one.tag],
        summary: one.summary,
        description:
          one.role === undefined ? 'Needs no token.' : `Needs the role ${one.role}. ${reachText(one.reach)}`,
        ...defined({ params: one.params, querystring: one.query, body: one.body }),
        ...(one.bytes ? { consumes: ['application/octet-stream'] } : {}),
        ...(one.role === undefined ? {} : { security: [{ token: [] }] }),
        response:
          done === undefined
            ? { '2xx': { description: one.raw ?? '', type: 'string' }, ...errors }
            : {
                ...Object.fromEntries([status, ...(one.otherStatuses ?? [])].map((each) => [each, done])),
                ...errors,
              },
      },
      // Streams and files go out as they are.
      ...(done === undefined ? { serializerCompiler: () => (data: unknown) => String(data) } : {}),
      // Before the body is read: what waits for its turn takes no memory.
      onRequest: async (request, reply) => {
        if (one.role === undefined && one.load === undefined) return undefined;
        if (!(await this.#turn(one, request.caller?.tokenId ?? '', reply))) return reply;
        if (one.body !== undefined) limitBodyTime(request, reply);
        return undefined;
      },
      handler: async (request, reply) => {
        if (status !== 200) reply.code(status);
        const result = await one.run(request, reply);
        if (one.raw !== undefined) return reply;
        return one.reply === undefined ? reply.send() : result;
      },
    });
  }

  /** Waits for a turn, which ends with the response; false where the client is gone by then. */
  async #turn(route: LaneOf, tokenId: string, reply: FastifyReply): Promise<boolean> {
    const leave = await this.#lanes.enter(route, tokenId);
    reply.raw.once('close', leave);
    if (!reply.raw.destroyed) return true;
    leave();
    reply.hijack();
    return false;
  }

  #failed(cause: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const { status, error } = toGoshawkError(cause);
    if (status >= 500)
      this.#log.error(`${request.routeOptions.url ?? ''} ${error.code}`, 'A request failed', {
        method: request.method,
        path: pathOf(request),
        code: error.code,
        cause: describeError(error.cause ?? error),
      });
    // What we did not foresee may hold paths and SQL; it is for the log alone.
    const message = status === 500 ? 'The controller failed at this request.' : error.message;
    const body = { code: error.code, message, remedy: error.remedy };
    if (status === 401) reply.header('www-authenticate', 'Bearer');
    limitRest(request, reply);
    return reply.code(status).type('application/json').serializer(JSON.stringify).send(body);
  }

  #notFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const { dashboard } = this.#options;
    const forPeople = request.method === 'GET' && !request.url.startsWith('/api/');
    if (forPeople && request.headers.accept?.includes('text/html') === true) {
      if (dashboard !== undefined && existsSync(dashboard)) return reply.sendFile('index.html', dashboard);
      return reply
        .code(404)
        .type('text/plain')
        .send('The dashboard is not built. Run npm run build, then start the controller again.\n');
    }
    const body = {
      code: 'route-unknown',
      message: `There is no route for ${request.method} ${request.url.slice(0, 200)}.`,
      remedy: 'GET /api/v1/openapi.json lists everything.',
    };
    return reply.code(404).type('application/json').send(body);
  }

  #staticOptions() {
    const { dashboard } = this.#options;
    // Without a dashboard it only lends `sendFile`, for the files of bundles.
    if (dashboard === undefined || !existsSync(dashboard)) return { serve: false as const, root: '/' };
    return { root: dashboard, wildcard: false, index: ['index.html'], preCompressed: true };
  }

  #openapi() {
    return {
      openapi: '3.1.0',
      info: {
        title: 'Goshawk controller',
        description: 'Devices, models, metrics and events of a fleet. Errors are {code, message, remedy}.',
        version: this.#options.version,
      },
      components: { securitySchemes: { token: { type: 'http' as const, scheme: 'bearer' } } },
    };
  }
}
