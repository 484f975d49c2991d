import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { interleavedPackets, packetsOfPicture, type RtspStream, sessionDescription } from './stream.ts';

/** Nobody sends so much to it. */
const mostBuffered = 1 << 16;

/** A camera of RTSP on the loopback: one stream, inside of the connection (TCP), for whoever asks. */
export class RtspServer {
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  readonly #stream: RtspStream;

  private constructor(stream: RtspStream) {
    this.#stream = stream;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async start(stream: RtspStream): Promise<RtspServer> {
    const server = new RtspServer(stream);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const client of this.#clients) client.destroy();
    await closed;
  }

  #serve(socket: Socket): void {
    this.#clients.add(socket);
    let buffered = Buffer.alloc(0);
    let timer: NodeJS.Timeout | undefined;
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(timer);
      this.#clients.delete(socket);
    });
    socket.on('data', (chunk: Buffer) => {
      buffered = Buffer.concat([buffered, chunk]);
      if (buffered.length > mostBuffered) socket.destroy();
      for (;;) {
        const { request, rest } = nextRequest(buffered);
        buffered = rest;
        if (request === undefined) return;
        socket.write(answerTo(request, this.#stream));
        if (request.method === 'PLAY') timer ??= this.#play(socket);
        if (request.method === 'TEARDOWN') clearInterval(timer);
      }
    });
  }

  #play(socket: Socket): NodeJS.Timeout {
    let picture = 0;
    return setInterval(() => {
      socket.write(interleavedPackets(this.#stream, picture, picture * packetsOfPicture));
      picture += 1;
    }, 1000 / this.#stream.fps);
  }
}

interface Request {
  readonly method: string;
  readonly url: string;
  readonly sequence: string;
}

/** The first whole request; what the client reports of its reception (`$...`) is passed over. */
export function nextRequest(buffered: Buffer<ArrayBuffer>): {
  readonly request?: Request;
  readonly rest: Buffer<ArrayBuffer>;
} {
  let rest = buffered;
  while (rest[0] === 0x24) {
    if (rest.length < 4 || rest.length < 4 + rest.readUInt16BE(2)) return { rest };
    rest = rest.subarray(4 + rest.readUInt16BE(2));
  }
  const end = rest.indexOf('\r\n\r\n');
  if (end < 0) return { rest };
  const head = rest.subarray(0, end).toString('latin1');
  const [method = '', url = ''] = head.split(' ', 2);
  const header = (name: string) => new RegExp(`^${name}: *(\\S+)`, 'im').exec(head)?.[1];
  const length = Number(header('Content-Length') ?? 0);
  if (rest.length < end + 4 + length) return { rest };
  return {
    request: { method, url, sequence: header('CSeq') ?? '0' },
    rest: rest.subarray(end + 4 + length),
  };
}

function answerTo({ method, url, sequence }: Request, stream: RtspStream): string {
  const ok = (headers: readonly string[] = [], body = '') =>
    ['RTSP/1.0 200 OK', `CSeq: ${sequence}`, ...headers, '', body].join('\r\n');
  const session = 'Session: 1;timeout=60';
  switch (method) {
    case 'OPTIONS':
      return ok(['Public: OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, GET_PARAMETER, TEARDOWN']);
    case 'DESCRIBE': {
      const body = sessionDescription(stream);
      return ok(
        [`Content-Base: ${url}/`, 'Content-Type: application/sdp', `Content-Length: ${body.length}`],
        body,
      );
    }
    case 'SETUP':
      return ok(['Transport: RTP/AVP/TCP;unicast;interleaved=0-1', session]);
    case 'PLAY':
    case 'PAUSE':
    case 'GET_PARAMETER':
    case 'TEARDOWN':
      return ok([session]);
    default:
      return `RTSP/1.0 501 Not Implemented\r\nCSeq: ${sequence}\r\n\r\n`;
  }
}
