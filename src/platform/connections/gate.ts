import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';
import { ConnectionTable, FairTurns, networkOf } from './table.ts';

/** How long a connection of TLS may say nothing at first. */
const firstBytesMs = 10_000;

interface Known {
  readonly key: string;
  readonly network: string;
}

type Connection = Pick<Socket, 'remoteAddress' | 'remotePort'>;

/**
 * Stands before a server: so many connections and no more, with a place for who comes anew, and one beginning of TLS in a turn
 * of the event loop, each of which takes the thread for a millisecond or two. Whoever opens thousands neither fills the server nor
 * holds up everybody else.
 */
export class ConnectionGate {
  readonly #server: Server;
  readonly #most: number;
  readonly #open = new ConnectionTable<Socket>();
  readonly #turns = new FairTurns<Socket>();
  readonly #known = new Map<Socket, Known>();
  /** By the address and port of the other end: TLS makes another object of the connection. */
  readonly #sockets = new Map<string, Socket>();
  readonly #begin: readonly ((socket: Socket) => void)[];
  readonly #speaksTls: boolean;
  #isTurning = false;

  constructor(server: Server, most: number) {
    this.#server = server;
    this.#most = most;
    this.#begin = server.listeners('connection') as ((socket: Socket) => void)[];
    this.#speaksTls = 'setSecureContext' in server;
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => this.#arrived(socket));
    server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
      // By the end the request may have no socket any more.
      const socket = this.#sockets.get(keyOf(request.socket));
      if (socket === undefined) return;
      this.#open.setBusy(socket, true);
      response.once('close', () => this.#open.setBusy(socket, false));
    });
  }

  /** One that is at work makes room for nobody. Requests are it by themselves; of another protocol, and after an upgrade, its server says so. */
  setBusy(connection: Connection, busy: boolean): void {
    const socket = this.#sockets.get(keyOf(connection));
    if (socket !== undefined) this.#open.setBusy(socket, busy);
  }

  #arrived(socket: Socket): void {
    if (this.#open.size >= this.#most) {
      const victim = this.#open.victim();
      if (victim === undefined) {
        socket.destroy();
        return;
      }
      this.#forget(victim);
      victim.destroy();
    }
    const network = networkOf(socket.remoteAddress);
    const key = keyOf(socket);
    this.#open.add(socket, network);
    this.#known.set(socket, { key, network });
    this.#sockets.set(key, socket);
    socket.once('close', () => this.#forget(socket));
    if (this.#speaksTls) this.#waitForBytes(socket, network);
    else this.#start(socket);
  }

  /** One that says nothing costs no handshake. */
  #waitForBytes(socket: Socket, network: string): void {
    // Nobody else listens yet.
    socket.on('error', () => socket.destroy());
    socket.setTimeout(firstBytesMs, () => socket.destroy());
    socket.once('readable', () => {
      socket.setTimeout(0);
      socket.removeAllListeners('timeout');
      if (!this.#known.has(socket)) return;
      this.#turns.wait(socket, network);
      this.#turn();
    });
  }

  #turn(): void {
    if (this.#isTurning) return;
    this.#isTurning = true;
    setImmediate(() => {
      this.#isTurning = false;
      const socket = this.#turns.next();
      if (socket === undefined) return;
      this.#start(socket);
      this.#turn();
    });
  }

  #start(socket: Socket): void {
    for (const listener of this.#begin) listener.call(this.#server, socket);
  }

  #forget(socket: Socket): void {
    const known = this.#known.get(socket);
    if (known === undefined) return;
    this.#known.delete(socket);
    this.#sockets.delete(known.key);
    this.#open.remove(socket);
    this.#turns.leave(socket, known.network);
  }
}

function keyOf({ remoteAddress, remotePort }: Connection): string {
  return `${remoteAddress} ${remotePort}`;
}
