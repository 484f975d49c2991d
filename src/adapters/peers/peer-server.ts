import { open } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { TokenBucket } from '../../agent/index.ts';
import { describeError, type Log } from '../../base/index.ts';
import { ConnectionGate, listen } from '../../platform/index.ts';

/** PEM. */
export interface PeerIdentity {
  readonly cert: string;
  readonly key: string;
  /** Who signed the certificates of the fleet's devices. */
  readonly ca: string;
}

export interface ServedFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

export interface PeerServerOptions {
  readonly host: string;
  readonly port: number;
  readonly identity: PeerIdentity;
  /** What there is to give, by digest. */
  readonly files: () => Promise<ReadonlyMap<string, ServedFile>>;
  /** The offer of an engine by its key, as JSON; absent where none are offered. */
  readonly engine?: (key: string) => Promise<string | undefined>;
  /** To all peers together. */
  readonly bytesPerSecond: number;
  readonly log: Log;
}

const mostConnections = 32;
const pieceBytes = 64 * 1024;
/** What is on the disk is looked at again after so long. */
const filesKnownMs = 5_000;
/** A peer that takes nothing for so long is cut off. */
const idleMs = 30_000;

/**
 * Gives the files of this device's bundles to other devices of the fleet, by digest, as a registry gives blobs. Who has no
 * certificate of the fleet gets no connection. Read only; how much it gives is bounded.
 */
export class PeerServer {
  readonly #server: Server;
  readonly #options: PeerServerOptions;
  readonly #bucket: TokenBucket;
  #identity: PeerIdentity;
  #files: { readonly at: number; readonly files: ReturnType<PeerServerOptions['files']> } | undefined;

  private constructor(options: PeerServerOptions) {
    this.#options = options;
    this.#identity = options.identity;
    this.#bucket = new TokenBucket(options.bytesPerSecond, performance.now());
    this.#server = createServer(
      {
        ...options.identity,
        ...{ requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.2' },
        ...{ headersTimeout: 10_000, requestTimeout: 10_000, handshakeTimeout: 10_000, maxHeaderSize: 8_192 },
        connectionsCheckingInterval: 1_000,
      },
      (request, response) => void this.#answer(request, response),
    );
    new ConnectionGate(this.#server, mostConnections);
    this.#server.setTimeout(idleMs, (socket) => socket.destroy());
  }

  /** Rejects where the port can't be had. */
  static async start(options: PeerServerOptions): Promise<PeerServer> {
    const peer = new PeerServer(options);
    const { host, port } = options;
    await listen(peer.#server, port, host);
    return peer;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** A certificate that was renewed is shown from the next connection on. */
  use(identity: PeerIdentity): void {
    const { cert, key, ca } = this.#identity;
    if (identity.cert === cert && identity.key === key && identity.ca === ca) return;
    this.#identity = identity;
    this.#server.setSecureContext({ ...identity, minVersion: 'TLSv1.2' });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { method, url = '' } = request;
      const digest = /^\/v2\/[a-z0-9._/-]{1,255}\/blobs\/(sha256:[0-9a-f]{64})$/.exec(url)?.[1];
      if (method !== 'GET' && method !== 'HEAD') return void response.writeHead(405).end();
      if (url === '/v2/') return void response.writeHead(200, { 'content-length': 0 }).end();
      const engine = /^\/v2\/engines\/manifests\/([0-9a-f]{64})$/.exec(url)?.[1];
      if (engine !== undefined) return await this.#offer(engine, response);
      const file = digest === undefined ? undefined : (await this.#known()).get(digest);
      if (file === undefined) return void response.writeHead(404).end();
      await this.#give(file, request, response);
    } catch (error) {
      // A file that was cleaned up meanwhile, or a peer that left.
      this.#options.log.debug('A peer was not given a file', { reason: describeError(error) });
      response.destroy();
    }
  }

  async #offer(key: string, response: ServerResponse): Promise<void> {
    const offer = await this.#options.engine?.(key);
    if (offer === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': 'application/json' }).end(offer);
  }

  #known(): ReturnType<PeerServerOptions['files']> {
    const now = performance.now();
    if (this.#files === undefined || now - this.#files.at > filesKnownMs)
      this.#files = { at: now, files: this.#options.files() };
    return this.#files.files;
  }

  async #give({ path, size }: ServedFile, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const from = Number(/^bytes=(\d{1,15})-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (from > size || (from === size && size > 0))
      return void response.writeHead(416, { 'content-range': `bytes */${size}` }).end();
    const part = from > 0 ? { 'content-range': `bytes ${from}-${size - 1}/${size}` } : {};
    response.writeHead(from > 0 ? 206 : 200, {
      ...{
        'content-type': 'application/octet-stream',
        'content-length': size - from,
        'accept-ranges': 'bytes',
      },
      ...part,
    });
    if (request.method === 'HEAD') return void response.end();
    const file = await open(path, 'r');
    try {
      const buffer = Buffer.alloc(pieceBytes);
      for (let at = from; at < size && !response.destroyed; ) {
        const { bytesRead } = await file.read(buffer, 0, Math.min(pieceBytes, size - at), at);
        if (bytesRead === 0) throw new Error(`${path} is shorter than it was`);
        at += bytesRead;
        await written(response, Buffer.from(buffer.subarray(0, bytesRead)));
        const pauseMs = this.#bucket.take(bytesRead, performance.now());
        if (pauseMs > 0) await wait(pauseMs);
      }
      response.end();
    } finally {
      await file.close();
    }
  }
}

/** Resolves when the peer has room for more, or is gone. */
function written(response: ServerResponse, piece: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (response.write(piece)) return resolve();
    const go = () => {
      response.off('drain', go);
      response.off('close', go);
      resolve();
    };
    response.on('drain', go);
    response.on('close', go);
  });
}
