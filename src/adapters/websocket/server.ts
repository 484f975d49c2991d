import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { Log } from '../../base/index.ts';
import { ConnectionGate, listen } from '../../platform/index.ts';
import type { ProgramConnection } from '../../streams/index.ts';

export interface WebSocketOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Pages that may connect from a browser; programs that are none send no origin. */
  readonly origins: readonly string[];
  /** Of those that a program offers; one that offers none, or no other, gets JSON. */
  readonly protocol: string;
  readonly accept: (connection: ProgramConnection) => void;
  readonly log: Log;
  /** How long a program may be silent; default 30 s. */
  readonly pingMs?: number;
}

export interface WebSocketService {
  readonly url: string;
  close(): Promise<void>;
}

/** Programs say little: a subscription, never data. */
const maxPayload = 64 * 1024;
const mostPrograms = 32;
/** Until it is a WebSocket. */
const times = { requestTimeout: 10_000, headersTimeout: 5_000, connectionsCheckingInterval: 1_000 };
/** Of what is not a result and so in no queue: a program that asks and never reads is let go. */
const mostBuffered = 16_000_000;

/** Programs connect to it and are sent to. */
export async function serveWebSocket(options: WebSocketOptions): Promise<WebSocketService> {
  const { host, port, origins, protocol, accept, log, pingMs = 30_000 } = options;
  const server = createServer(times, (_request, response) => {
    response.writeHead(426, { 'content-type': 'text/plain', upgrade: 'websocket' });
    response.end('Connect to this address with a WebSocket.\n');
  });
  const gate = new ConnectionGate(server, 2 * mostPrograms);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(protocol) ? protocol : false),
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    gate.setBusy(request.socket, true);
    const { origin } = request.headers;
    if (origin !== undefined && !origins.includes(origin)) {
      log.warn('A page of another origin was refused', { origin: origin.slice(0, 200) });
      refuse(socket, '403 Forbidden');
    } else if (sockets.clients.size >= mostPrograms) refuse(socket, '503 Service Unavailable');
    else sockets.handleUpgrade(request, socket, head, (webSocket) => accept(connectionOf(webSocket)));
  });
  const timer = setInterval(() => {
    for (const client of sockets.clients) askForLife(client);
  }, pingMs);
  timer.unref();
  const bound = await listen(server, port, host);
  return {
    url: `ws://${host.includes(':') ? `[${host}]` : host}:${bound}/`,
    close: () =>
      new Promise((resolve) => {
        clearInterval(timer);
        for (const client of sockets.clients) client.terminate();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Programs that were asked and have not answered. */
const silent = new WeakSet<WebSocket>();

function askForLife(client: WebSocket): void {
  if (silent.has(client)) {
    client.terminate();
    return;
  }
  silent.add(client);
  client.once('pong', () => silent.delete(client));
  client.ping();
}

function connectionOf(socket: WebSocket): ProgramConnection {
  // An invalid message closes the connection.
  socket.on('error', () => socket.terminate());
  return {
    protocol: socket.protocol,
    send: (data) =>
      new Promise((resolve, reject) => {
        if (socket.bufferedAmount > mostBuffered) socket.terminate();
        socket.send(data, (error) => (error ? reject(error) : resolve()));
      }),
    onMessage: (listener) => {
      socket.on('message', (data: RawData, isBinary: boolean) => {
        const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as ArrayBuffer);
        listener(isBinary ? bytes : bytes.toString('utf8'));
      });
    },
    onEnd: (listener) => void socket.on('close', listener),
    end: () => socket.close(1001),
  };
}

function refuse(socket: Duplex, status: string): void {
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
