import { nodeSecrets } from '../../src/adapters/crypto/index.ts';
import { FleetServer } from '../../src/adapters/fastify/index.ts';
import { FleetMetrics } from '../../src/adapters/prometheus/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { FleetController } from '../../src/controller/index.ts';
import type { Message, Transport } from '../../src/protocol/index.ts';
import { fakeArtifacts } from '../fakes/fake-artifacts.ts';

type BenchStore = ConstructorParameters<typeof FleetController>[0]['store'];
const admin = { tokenId: 't0', name: 'bench', role: 'admin' } as const;

/** A controller with a real store and server in this process; in place of a broker the bench gives and takes its messages. */
export class BenchController {
  readonly controller: FleetController;
  /** Of the API, with its version. */
  readonly url: string;
  readonly #server: FleetServer;
  readonly #received: (message: Message) => void;

  private constructor(
    controller: FleetController,
    server: FleetServer,
    address: string,
    received: (message: Message) => void,
  ) {
    this.controller = controller;
    this.#server = server;
    this.url = `${address}/api/v1`;
    this.#received = received;
  }

  static async start(store: BenchStore, published: (message: Message) => void): Promise<BenchController> {
    let receive: (message: Message) => void = () => undefined;
    const transport: Transport = {
      start: () => undefined,
      status: () => ({ state: 'online' }),
      onStatus: () => () => undefined,
      onMessage: (added) => {
        receive = added;
        return () => undefined;
      },
      subscribe: () => undefined,
      publish: async (message) => published(message),
      close: async () => undefined,
    };
    const clock = new SystemClock();
    const controller = new FleetController({
      ...{ transport, store, artifacts: fakeArtifacts(), secrets: nodeSecrets, clock, log: silentLog },
    });
    await controller.start();
    const server = new FleetServer(
      { controller, metrics: new FleetMetrics(controller), clock, log: silentLog },
      { host: '127.0.0.1', port: 0, version: '0' },
    );
    return new BenchController(controller, server, await server.listen(), (message) => receive(message));
  }

  /** A message as the broker delivers it. */
  receive(message: Message): void {
    this.#received(message);
  }

  /** Of a request with a new token. */
  async headers(role: 'viewer' | 'operator'): Promise<{ readonly authorization: string }> {
    const { token } = await this.controller.access.createToken(admin, { name: 'bench', role });
    return { authorization: `Bearer ${token}` };
  }

  async close(): Promise<void> {
    await this.#server.close();
    await this.controller.close();
  }
}
