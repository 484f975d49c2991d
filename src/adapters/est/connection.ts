import type { X509Certificate } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { defined, describeError, GoshawkError, LimitError, MissingError } from '../../base/index.ts';
import { rejectUnanswered } from '../../platform/index.ts';
import { verifyChain } from './verify-chain.ts';

/** Whom a connection goes to and how the server is known. */
export interface Peer {
  readonly host: string;
  readonly port: number;
  /** Trusted roots; undefined: none yet, only for the request of the roots. */
  readonly roots: readonly X509Certificate[] | undefined;
  /** What this device shows. */
  readonly own?: { readonly cert: string; readonly key: string };
  readonly nowMs: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const maxAnswerBytes = 256 * 1024;
const silenceMs = 20_000;

/** One request over a separate connection. It is sent only after the server has authenticated. */
export async function ask(
  peer: Peer,
  path: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<HttpAnswer> {
  const socket = await open(peer);
  try {
    return await exchange(socket, peer, path, { method, headers, ...defined({ body }) });
  } catch (error) {
    throw error instanceof GoshawkError ? error : away(peer, error);
  } finally {
    socket.destroy();
  }
}

function open(peer: Peer): Promise<TLSSocket> {
  const { host, port, roots, own, nowMs } = peer;
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...own,
      ALPNProtocols: ['http/1.1'],
      minVersion: 'TLSv1.2',
      // `verifyChain` checks it, for Node's own check has no other clock than the board's.
      rejectUnauthorized: false,
    });
    socket.setTimeout(silenceMs, () =>
      socket.destroy(new Error(`it sent no data for ${silenceMs / 1000} s`)),
    );
    socket.once('error', (error) => reject(away(peer, error)));
    socket.once('close', () => reject(away(peer, new Error('it closed the connection'))));
    socket.once('secureConnect', () => {
      try {
        if (roots !== undefined) verifyChain({ presented: presentedBy(socket), roots, host, nowMs });
        resolve(socket);
      } catch (error) {
        socket.destroy();
        reject(error);
      }
    });
  });
}

/** What the server showed, its own first. */
function presentedBy(socket: TLSSocket): Uint8Array[] {
  const chain: Uint8Array[] = [];
  let one = socket.getPeerCertificate(true) as
    | { readonly raw?: Buffer; readonly issuerCertificate?: typeof one }
    | undefined;
  while (one?.raw !== undefined && chain.length < 6) {
    if (chain.some((known) => Buffer.compare(known, one?.raw ?? Buffer.alloc(0)) === 0)) break;
    chain.push(new Uint8Array(one.raw));
    one = one.issuerCertificate;
  }
  return chain;
}

function exchange(
  socket: TLSSocket,
  { host, port }: Peer,
  path: string,
  { method, headers, body }: { method: string; headers: Record<string, string>; body?: string },
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request({
      createConnection: () => socket,
      method,
      path,
      headers: {
        host: `${host.includes(':') ? `[${host}]` : host}:${port}`,
        connection: 'close',
        ...headers,
        ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      },
    });
    sent.once('error', reject);
    rejectUnanswered(sent, reject);
    sent.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > maxAnswerBytes)
          response.destroy(
            new LimitError('est-answer', 'The answer of the server is too large.', 'Check the address.'),
          );
      });
      response.once('error', reject);
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      );
    });
    sent.end(body);
  });
}

function away({ host, port }: Peer, cause: unknown): GoshawkError {
  if (cause instanceof GoshawkError) return cause;
  return new MissingError(
    'enrolment-away',
    `${host}:${port} can't be reached: ${describeError(cause)}.`,
    'The device retries automatically. Check the network, the name, and that the controller has `devices` in its settings.',
    { cause },
  );
}
