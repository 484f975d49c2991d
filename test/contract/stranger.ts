import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A CONNACK of MQTT 5. */
export const welcome = Buffer.from([0x20, 3, 0, 0, 0]);

/** Accepts connections and does with each what it was told. */
export class Stranger {
  readonly #server;
  readonly #sockets = new Set<Socket>();
  connections = 0;

  constructor(meet: (socket: Socket) => void) {
    this.#server = createServer((socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on('error', () => {});
      meet(socket);
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}
