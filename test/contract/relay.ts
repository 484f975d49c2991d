import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP relay: cutting it is pulling the cable. */
export class Relay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #blocked = false;
  port = 0;
  /** Connections that came, also while it was blocked. */
  connections = 0;

  constructor(targetPort: () => number) {
    this.#server = createServer((near) => {
      this.connections += 1;
      if (this.#blocked) {
        near.destroy();
        return;
      }
      const far = connect(targetPort(), '127.0.0.1');
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => {
          this.#sockets.delete(one);
          other.destroy();
        });
        one.pipe(other);
      }
    });
  }

  listen(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => {
        const address = this.#server.address();
        this.port = typeof address === 'object' && address !== null ? address.port : 0;
        resolve();
      });
    });
  }

  cut(forMs: number): void {
    this.block();
    setTimeout(() => this.unblock(), forMs);
  }

  /** Ends what is connected, and every connection that comes. */
  block(): void {
    this.#blocked = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  unblock(): void {
    this.#blocked = false;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}
