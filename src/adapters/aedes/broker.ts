import type { EventEmitter } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { Aedes, type AuthenticateError, type Client } from 'aedes';
import { InputError, type Log, silentLog } from '../../base/index.ts';
import { ConnectionGate, listen } from '../../platform/index.ts';
import { maxPacketBytes } from '../../protocol/index.ts';
import { type Identity, isDeviceId, mayPublish, maySubscribe } from './access.ts';
import { type BrokerUser, Users } from './users.ts';

export interface BrokerOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** Address to listen on; only this machine when absent. */
  readonly host?: string;
  /** Without users everybody on this machine may do everything; another host than this machine is then refused. */
  readonly users?: readonly BrokerUser[];
  /** With `ca`, clients prove who they are by a certificate whose common name is the device id. */
  readonly tls?: {
    readonly cert: string | Buffer;
    readonly key: string | Buffer;
    readonly ca?: string | Buffer;
  };
  /** Asked at each connection, by the sha256 (hex) of the client's certificate. */
  readonly isRevoked?: (fingerprint: string) => boolean;
  /** Common names of certificates that are the controller's. */
  readonly controllerNames?: readonly string[];
  /** Largest packet taken, bytes. */
  readonly maximumPacketSize?: number;
  readonly log?: Log;
}

export interface Broker {
  readonly url: string;
  readonly port: number;
  /** Ends the connection of this client, whose will is sent. */
  disconnect(clientId: string): void;
  close(): Promise<void>;
}

/** Clients that are in, and those that are not yet: of these the ones that came first make room. */
const mostConnections = 4_000;

/** The embedded broker: aedes 2 with accounts and the access list of deviceAccess. Retained messages live in memory. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const host = options.host ?? '127.0.0.1';
  const users = options.users === undefined ? undefined : new Users(options.users);
  const certificates = options.tls?.ca !== undefined;
  if (users === undefined && !certificates && !isLoopback(host))
    throw new InputError(
      'broker-open',
      `The built-in broker would listen on ${host} without authentication.`,
      'Set users or a certificate authority, or let it listen on 127.0.0.1 only.',
    );
  const log = options.log ?? silentLog;
  const identities = new WeakMap<Client, Identity>();
  const connected = new Map<string, Client>();
  const identify = (client: Client, username?: string, password?: Uint8Array): Identity | undefined => {
    const socket = client.conn as TLSSocket;
    if (certificates && options.isRevoked?.(fingerprintOf(socket)) === true) return undefined;
    const name = certificates ? commonName(socket) : undefined;
    if (name !== undefined) return certified(name, client.id, options.controllerNames ?? []);
    if (users !== undefined) return users.identify(client.id, username, password);
    return certificates ? undefined : { role: 'open' };
  };

  const aedes = await Aedes.createBroker({
    connectTimeout: 10_000,
    maximumPacketSize: options.maximumPacketSize ?? maxPacketBytes,
    sessionExpiryIntervalLimit: 3600,
    pendingSessionsLimit: 20_000,
    authenticate: (client, username, password, done) => {
      const identity = identify(client, username, password);
      if (identity !== undefined) {
        identities.set(client, identity);
        done(null, true);
        return;
      }
      log.warn('The broker refused a client', { client: client.id, username });
      done(Object.assign(new Error('not authorized'), { returnCode: 5 }) as AuthenticateError, null);
    },
    authorizePublish: (client, packet, done) => {
      // A will passes here too when it is sent, with the client that left it.
      const identity = client === null ? undefined : identities.get(client);
      const allowed = identity !== undefined && mayPublish(identity, packet.topic, packet.retain);
      done(allowed ? null : new Error('not authorized'));
    },
    authorizeSubscribe: (client, subscription, done) => {
      const identity = identities.get(client);
      done(null, identity !== undefined && maySubscribe(identity, subscription.topic) ? subscription : null);
    },
  });
  // Its type leaves this event out, which would end the process when nobody listens.
  (aedes as EventEmitter).on('error', (error: Error) => log.error('The built-in broker failed', { error }));
  aedes.on('clientReady', (client) => {
    gate.setBusy(client.conn as Socket, true);
    connected.set(client.id, client);
  });
  aedes.on('clientDisconnect', (client) => {
    if (connected.get(client.id) === client) connected.delete(client.id);
  });
  aedes.on('clientError', (client, error) => log.debug('A client failed', { client: client.id, error }));
  aedes.on('connectionError', (_client, error) => log.debug('A connection failed', { error }));

  const handle = (socket: Socket) => void aedes.handle(socket);
  // Node would only drop a stranger without a word; a CONNACK tells him why (see `identify`).
  const server: Server =
    options.tls === undefined
      ? createServer({ noDelay: true }, handle)
      : createTlsServer(
          { ...options.tls, noDelay: true, requestCert: certificates, rejectUnauthorized: false },
          handle,
        );
  const gate = new ConnectionGate(server, mostConnections);
  const port = await listen(server, options.port, host).catch(async (error: unknown) => {
    await new Promise<void>((resolve) => aedes.close(resolve));
    throw error;
  });
  server.on('error', (error) => log.error('The built-in broker lost its listener', { error }));
  return {
    port,
    url: `${options.tls === undefined ? 'mqtt' : 'mqtts'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    disconnect: (clientId) => connected.get(clientId)?.close(),
    close: async () => {
      const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
      await new Promise<void>((resolve) => aedes.close(resolve));
      await stopped;
    },
  };
}

/** The name is the client id: with another's it would end that one's connection and take over its session. */
function certified(name: string, clientId: string, controllers: readonly string[]): Identity | undefined {
  if (name !== clientId) return undefined;
  if (controllers.includes(name)) return { role: 'controller' };
  return isDeviceId(name) ? { role: 'device', device: name } : undefined;
}

function commonName(socket: TLSSocket): string | undefined {
  if (!socket.authorized) return undefined;
  const name = socket.getPeerCertificate().subject?.CN;
  return typeof name === 'string' ? name : undefined;
}

function fingerprintOf(socket: TLSSocket): string {
  return (socket.getPeerCertificate().fingerprint256 ?? '').replaceAll(':', '').toLowerCase();
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}
