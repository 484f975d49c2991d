import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** One address for several: each connection goes to the next one that listens, and ends with it. */
export class TcpBalancer {
  readonly #server: Server;
  readonly #targets: readonly number[];
  readonly #open = new Set<Socket>();
  #next = 0;
  #silent = false;

  private constructor(targets: readonly number[]) {
    this.#targets = targets;
    this.#server = createServer((near) => void this.#join(near));
  }

  /** To ports of this machine. */
  static async start(targets: readonly number[]): Promise<TcpBalancer> {
    const balancer = new TcpBalancer(targets);
    balancer.#server.listen(0, '127.0.0.1');
    await once(balancer.#server, 'listening');
    return balancer;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** As a network that takes everything and delivers nothing: no connection ends. */
  silence(): void {
    this.#silent = true;
    for (const socket of this.#open) socket.unpipe().pause();
  }

  /** What was open is gone; new connections work. */
  heal(): void {
    this.#silent = false;
    for (const socket of this.#open) socket.destroy();
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
  }

  async #join(near: Socket): Promise<void> {
    this.#keep(near);
    if (this.#silent) return;
    for (let tries = 0; tries < this.#targets.length; tries++) {
      const port = this.#targets[this.#next++ % this.#targets.length] ?? 0;
      const far = connect(port, '127.0.0.1');
      this.#keep(far);
      const connected = await once(far, 'connect').then(
        () => true,
        () => false,
      );
      if (!connected) continue;
      near.once('close', () => far.destroy());
      far.once('close', () => near.destroy());
      near.pipe(far);
      far.pipe(near);
      return;
    }
    near.destroy();
  }

  #keep(socket: Socket): void {
    this.#open.add(socket);
    // The end of a connection says all.
    socket.on('error', () => {});
    socket.once('close', () => this.#open.delete(socket));
  }
}
