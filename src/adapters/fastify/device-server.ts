import type { Server } from 'node:http';
import type { TLSSocket } from 'node:tls';
import rateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import {
  type Clock,
  describeError,
  LimitError,
  type Log,
  RateLimitedLog,
  RefusedError,
} from '../../base/index.ts';
import type { FleetController, RegistryCaller } from '../../controller/index.ts';
import { ConnectionGate } from '../../platform/index.ts';
import { estPath, maxRequestBytes, membershipPath, voucherPath } from '../../protocol/index.ts';
import { limitBodyTime } from './body-time.ts';
import { askedFrom, certsOnlyReply, claimFrom } from './est.ts';
import { toGoshawkError } from './failures.ts';
import { listenOn } from './listen.ts';
import { addEngines, bringsPlan, planMs } from './registry/engine-route.ts';
import { addRegistry } from './registry/routes.ts';
import { sendMetadata } from './trust-handlers.ts';

export interface ServerTls {
  /** PEM: certificate and everything up to the root. */
  readonly cert: string;
  readonly key: string;
}

export interface DeviceServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly tls: ServerTls;
  /** PEM: who signs devices; named to clients that have several certificates. */
  readonly clientAuthorities: string;
  /** Whether devices may bring plans that they built; false when not set. */
  readonly engines?: boolean;
  /** Time for the body of a request that is no plan; 30 s when not set. */
  readonly bodyMs?: number;
  /** Requests with a wrong claim that one address may send in a minute. */
  readonly failuresPerMinute?: number;
}

export interface DeviceServerPorts {
  readonly controller: Pick<FleetController, 'enrolment' | 'oci' | 'trust'>;
  readonly clock: Clock;
  readonly log: Log;
}

const requestMs = 30_000;

/** All of them together; each holds memory for its TLS. */
const maxConnections = 4096;

/**
 * What devices reach of the controller: EST (RFC 7030), their membership, and the registry. Nothing of the API for
 * people is here. Whether a client's certificate is good is looked up for every request, in the list of those that were
 * given: that one is enough to know who it is, and says at once that it was revoked or, for a late renewal, is over.
 */
export class DeviceServer {
  readonly #ports: DeviceServerPorts;
  readonly #options: DeviceServerOptions;
  readonly #log: RateLimitedLog;
  #app: FastifyInstance | undefined;

  constructor(ports: DeviceServerPorts, options: DeviceServerOptions) {
    this.#ports = ports;
    this.#log = new RateLimitedLog(ports.log, ports.clock);
    this.#options = options;
  }

  async listen(): Promise<string> {
    const app = await this.#build();
    const { host, port } = this.#options;
    return listenOn(app, host, port, maxConnections);
  }

  /** New connections get this certificate. */
  useTls(tls: ServerTls): void {
    const server = this.#app?.server as unknown as
      | { setSecureContext?: (tls: ServerTls) => void }
      | undefined;
    server?.setSecureContext?.({ ...tls, ...this.#trusted() });
  }

  async close(): Promise<void> {
    await this.#app?.close();
  }

  #trusted() {
    return { ca: this.#options.clientAuthorities };
  }

  async #build(): Promise<FastifyInstance> {
    const { tls, engines } = this.#options;
    const app = Fastify({
      bodyLimit: maxRequestBytes,
      forceCloseConnections: true,
      logger: false,
      connectionTimeout: 60_000,
      // Of a plan; the bodies of all others have less, below.
      requestTimeout: engines === true ? planMs : requestMs,
      routerOptions: { maxParamLength: 300 },
      https: {
        ...tls,
        ...this.#trusted(),
        requestCert: true,
        // A certificate that is over may still ask for the next; see above.
        rejectUnauthorized: false,
        minVersion: 'TLSv1.2',
        handshakeTimeout: 20_000,
      },
    });
    new ConnectionGate(app.server as unknown as Server, maxConnections);
    this.#app = app as unknown as FastifyInstance;
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    await app.register(rateLimit, { global: false });
    const web = app as unknown as FastifyInstance;
    web.addHook('onRequest', async (request, reply) => {
      if (!bringsPlan(request)) limitBodyTime(request, reply, this.#options.bodyMs ?? requestMs);
    });
    web.setErrorHandler((error, request, reply) => this.#failed(error, request, reply));
    web.setNotFoundHandler((_request, reply) =>
      reply.code(404).send({ code: 'route-unknown', message: 'No route has this address.', remedy: '' }),
    );
    this.#addEst(web);
    web.get(membershipPath, (request) => this.#ports.controller.enrolment.membership(fingerprintOf(request)));
    web.get<{ Params: { of: string } }>(`${voucherPath}/:of`, (request) =>
      this.#ports.controller.enrolment.voucher(fingerprintOf(request), request.params.of),
    );
    await this.#addRegistry(web);
    this.#addMetadata(web);
    await web.ready();
    return web;
  }

  #addEst(app: FastifyInstance): void {
    const { enrolment } = this.#ports.controller;
    const failures = app.createRateLimit({
      max: this.#options.failuresPerMinute ?? 30,
      timeWindow: 60_000,
    });
    const { authority } = enrolment.enrolments;
    app.get(`${estPath}/cacerts`, (_request, reply) =>
      certsOnlyReply(reply, authority.certsOnly(authority.chain)),
    );
    app.post(`${estPath}/simpleenroll`, async (request, reply) => {
      let claim: string;
      try {
        const { id, secret } = claimFrom(request.headers.authorization);
        claim = enrolment.enrolments.checkClaim(id, secret).id;
      } catch (error) {
        const { isAllowed, ...limit } = await failures(request);
        if (!isAllowed && 'isExceeded' in limit && limit.isExceeded)
          throw new LimitError(
            'too-many-attempts',
            'Too many requests with a wrong claim came from this address.',
            'Wait a minute.',
          );
        throw error;
      }
      const answer = await enrolment.enrolments.enrol(claim, askedFrom(request));
      if (answer.kind === 'issued') return certsOnlyReply(reply, authority.certsOnly([answer.der]));
      return reply.code(202).header('retry-after', answer.retryAfterSeconds).type('text/plain').send('');
    });
    app.post(`${estPath}/simplereenroll`, async (request, reply) => {
      const der = await enrolment.enrolments.renew(fingerprintOf(request), askedFrom(request));
      return certsOnlyReply(reply, authority.certsOnly([der]));
    });
  }

  /** Who a device is, its certificate says; a token that it shows beside it says no more. */
  async #addRegistry(app: FastifyInstance): Promise<void> {
    const { oci } = this.#ports.controller;
    await addRegistry(app, {
      ...{ registry: oci, log: this.#log, publicUrl: undefined },
      authenticate: async (request) => this.#device(request),
      onForbidden: async () => undefined,
      turn: async () => true,
    });
    if (this.#options.engines === true) await addEngines(app, oci, (request) => this.#device(request));
  }

  #device(request: FastifyRequest): RegistryCaller {
    const { device } = this.#ports.controller.enrolment.revocations.authenticate(fingerprintOf(request));
    return {
      caller: { tokenId: `certificate of ${device}`, name: device, role: 'device' },
      device,
      certified: true,
    };
  }

  /** The documents that the owner signed for all devices, and those for this device. */
  #addMetadata(app: FastifyInstance): void {
    const { enrolment, trust } = this.#ports.controller;
    app.get<{ Params: { file: string } }>('/tuf/image/:file', async (request, reply) => {
      await sendMetadata(trust, `image/${request.params.file}`, reply);
      return reply;
    });
    app.get<{ Params: { device: string; file: string } }>(
      '/tuf/director/:device/:file',
      async (request, reply) => {
        const { device } = enrolment.revocations.authenticate(fingerprintOf(request));
        if (device !== request.params.device)
          throw new RefusedError('forbidden', 'That metadata is for another device.', 'Ask for your own.');
        await sendMetadata(trust, `director/${device}/${request.params.file}`, reply);
        return reply;
      },
    );
  }

  #failed(cause: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const { status, error } = toGoshawkError(cause);
    if (status >= 500)
      this.#ports.log.error('A request of a device failed', {
        url: request.url.slice(0, 300),
        code: error.code,
        cause: describeError(error.cause ?? error),
      });
    const message = status === 500 ? 'The controller failed at this request.' : error.message;
    if (status === 401) reply.header('www-authenticate', 'Basic realm="goshawk claim"');
    // A crowd that comes back all at the same time would be turned away again.
    if (status === 429 || status === 503) reply.header('retry-after', 5 + Math.floor(Math.random() * 25));
    const body = { code: error.code, message, remedy: error.remedy };
    return reply.code(status).type('application/json').serializer(JSON.stringify).send(body);
  }
}

/** sha256 of the certificate that the client proved the key of; undefined without one. */
function fingerprintOf(request: FastifyRequest): string | undefined {
  const { fingerprint256 } = (request.raw.socket as TLSSocket).getPeerCertificate() ?? {};
  return fingerprint256?.replaceAll(':', '').toLowerCase();
}
