import { createServer, request, type Server, type ServerResponse } from 'node:http';

/** Between a device and the controller's HTTP: it can stop in the middle of a file, as a bad network does. */
export class StallingProxy {
  readonly #server: Server;
  readonly #held = new Set<ServerResponse>();
  /** Every request that came: path and range. */
  readonly asked: { readonly path: string; readonly range: string | undefined }[] = [];
  /** Send nothing of a file below this path's end that lies behind its first so many bytes, wherever the request begins. */
  stall: { readonly ending: string; readonly afterBytes: number } | undefined;
  port = 0;

  constructor(target: string) {
    this.#server = createServer((incoming, response) => {
      const path = incoming.url ?? '/';
      this.asked.push({ path, range: incoming.headers.range });
      const forward = request(`${target}${path}`, { headers: incoming.headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        const stall = this.stall;
        if (stall === undefined || !path.endsWith(stall.ending)) {
          answer.pipe(response);
          return;
        }
        response.flushHeaders();
        let left = Math.max(0, stall.afterBytes - firstByteOf(incoming.headers.range));
        this.#held.add(response);
        answer.on('data', (chunk: Buffer) => {
          if (left > 0) response.write(chunk.subarray(0, left));
          left -= chunk.length;
        });
      });
      forward.on('error', () => response.destroy());
      forward.end();
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    this.port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  }

  /** How many answers hang now. */
  get stalled(): number {
    return this.#held.size;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

function firstByteOf(range: string | undefined): number {
  return Number(/^bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
}
