import type { Socket } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { MqttjsTransport } from '../../src/adapters/mqttjs/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { type Log, silentLog } from '../../src/base/index.ts';
import { serverOrder } from '../../src/base/server-rotation.ts';
import { type Message, type TransportStatus, topics, type Will } from '../../src/protocol/index.ts';
import { passwordOf, type RealBroker } from './brokers.ts';
import { Relay } from './relay.ts';
import { Stranger, welcome } from './stranger.ts';
import { suite } from './suite.ts';

/** A clock whose hours pass when a test says so; its timers are those of the machine. */
class ShiftedClock extends SystemClock {
  shiftMs = 0;
  override monotonicMs(): number {
    return super.monotonicMs() + this.shiftMs;
  }
}

const notAuthorized = Buffer.from([0x20, 3, 0, 0x87, 0]);
const strangers: readonly (readonly [string, (socket: Socket) => void])[] = [
  ['ends every connection', (socket) => socket.destroy()],
  ['never answers', () => {}],
  [
    'speaks another protocol',
    (socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  ],
  ['welcomes a client and ends the connection', (socket) => socket.once('data', () => socket.end(welcome))],
  [
    'welcomes a client and announces a packet of 256 MB',
    (socket) =>
      socket.once('data', () =>
        socket.write(Buffer.concat([welcome, Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f])])),
      ),
  ],
  ['does not authorize the client', (socket) => socket.once('data', () => socket.end(notAuthorized))],
];

const will: Will = { topic: topics.state('d1'), payload: new TextEncoder().encode('dead'), delaySeconds: 1 };

/** What a client expects of the addresses of one cluster. Both lead to the same broker, as a cluster is one. */
export function describeSeveralServers(name: string, make: () => RealBroker, missing?: string): void {
  suite(`A transport with several addresses over ${name}`, missing, () => {
    let broker: RealBroker;
    let near: Relay;
    let far: Relay;
    const clock = new ShiftedClock();
    const open: { close(): unknown }[] = [];
    const logged: { readonly url?: unknown; readonly reason?: unknown; readonly next?: unknown }[] = [];
    const log: Log = { ...silentLog, warn: (_, fields) => void logged.push(fields ?? {}) };

    beforeEach(async () => {
      broker = make();
      await broker.start();
      near = new Relay(() => broker.port);
      far = new Relay(() => broker.port);
      await Promise.all([near.listen(), far.listen()]);
      open.push(near, far);
      logged.length = 0;
    });
    afterEach(async () => {
      for (const one of open.splice(0).reverse()) await one.close();
      await broker.close();
    });

    /** A client that tries these in this order. */
    function client(
      id: string,
      ports: readonly number[],
      { password = passwordOf(id), ...more }: { password?: string; will?: Will; refusedMs?: number } = {},
    ) {
      const [url = '', ...servers] = inOrder(
        id,
        ports.map((port) => `mqtt://127.0.0.1:${port}`),
      );
      const { refusedMs = 60_000, ...options } = more;
      const transport = new MqttjsTransport(
        {
          ...{ url, servers, clientId: id, username: id, password, connectTimeoutMs: 500 },
          backoff: { firstMs: 50, maxMs: 200 },
          refusedBackoff: { firstMs: refusedMs, maxMs: refusedMs },
          ...options,
        },
        { clock, log, random: Math.random },
      );
      const states: TransportStatus['state'][] = [];
      transport.onStatus(({ state }) => states.push(state));
      open.push(transport);
      return { transport, states, servers: [url, ...servers] };
    }

    const reaches = (transport: MqttjsTransport, state: TransportStatus['state']) =>
      vi.waitFor(() => expect(transport.status().state).toBe(state), { timeout: 60_000, interval: 5 });

    async function listening() {
      const { transport } = client('controller', [near.port]);
      const got: Message[] = [];
      transport.subscribe('goshawk/1/#', 1);
      transport.onMessage((message) => void got.push(message));
      transport.start();
      await reaches(transport, 'online');
      return { transport, got };
    }

    it('is at the second at once while the first is away, and at the first when it is back and a connection ends', async () => {
      near.block();
      const { transport, states, servers } = client('d1', [near.port, far.port]);
      transport.start();
      await reaches(transport, 'online');
      // Nothing was told in between: the first round had a way.
      expect(states).toEqual(['connecting', 'online']);
      expect([near.connections, far.connections]).toEqual([1, 1]);
      expect(logged).toEqual([expect.objectContaining({ url: servers[0], next: servers[1] })]);
      near.unblock();
      clock.shiftMs += 3_600_000;
      far.cut(0);
      await reaches(transport, 'offline');
      await reaches(transport, 'online');
      expect([near.connections, far.connections]).toEqual([2, 1]);
    });

    it('moves to the other with its subscriptions, and its will comes before what it says next', async () => {
      const { transport: controller, got } = await listening();
      const { transport } = client('d1', [far.port, near.port], { will });
      const orders: string[] = [];
      transport.subscribe(topics.desired('d1'), 1);
      transport.onMessage(({ payload }) => void orders.push(new TextDecoder().decode(payload)));
      transport.start();
      await reaches(transport, 'online');
      clock.shiftMs += 3_600_000;
      far.block();
      await reaches(transport, 'offline');
      await reaches(transport, 'online');
      const order = { topic: topics.desired('d1'), qos: 1, retain: false } as const;
      await vi.waitFor(
        async () => {
          await controller.publish({ ...order, payload: new TextEncoder().encode('order') });
          expect(orders).toContain('order');
        },
        { timeout: 60_000, interval: 50 },
      );
      await transport.publish({
        topic: topics.events('d1'),
        qos: 1,
        retain: false,
        payload: new Uint8Array([1]),
      });
      await vi.waitFor(() => expect(got.map(({ topic }) => topic)).toContain(topics.events('d1')), {
        timeout: 60_000,
      });
      await broker.pass(1_000 * (will.delaySeconds + 1));
      expect(got.map(({ topic }) => topic).filter((topic) => !topic.endsWith('desired'))).toEqual([
        topics.state('d1'),
        topics.events('d1'),
      ]);
    });

    it('says why each address failed after a whole round, and tries again', async () => {
      near.block();
      far.block();
      const { transport, servers } = client('d1', [near.port, far.port]);
      const reasons = new Promise<string>((resolve) =>
        transport.onStatus((status) => (status.state === 'offline' ? resolve(status.reason) : undefined)),
      );
      transport.start();
      const reason = await reasons;
      for (const server of servers) expect(reason).toContain(server);
      expect([near.connections, far.connections]).toEqual([1, 1]);
      await expect(
        transport.publish({
          topic: topics.events('d1'),
          qos: 1,
          retain: false,
          payload: new Uint8Array([1]),
        }),
      ).rejects.toMatchObject({
        code: 'transport-offline',
        message: expect.stringContaining(` or ${servers[1]}`),
      });
      far.unblock();
      await reaches(transport, 'online');
    });

    it.each(strangers)('is at the second where the first one %s', async (_, meet) => {
      const stranger = new Stranger(meet);
      await stranger.listen();
      open.push(stranger);
      const { transport } = client('d1', [stranger.port, near.port], { refusedMs: 200 });
      transport.start();
      await vi.waitFor(
        () => {
          expect(near.connections).toBe(1);
          expect(transport.status().state).toBe('online');
        },
        { timeout: 60_000, interval: 5 },
      );
      expect(stranger.connections).toBe(1);
      await transport.publish({
        topic: topics.events('d1'),
        qos: 1,
        retain: false,
        payload: new Uint8Array([1]),
      });
    });

    it('asks one address after each long wait where its password is wrong', async () => {
      const { transport, servers } = client('d1', [near.port, far.port], {
        password: 'wrong',
        refusedMs: 1_000,
      });
      const refusals: string[] = [];
      transport.onStatus((status) => (status.state === 'refused' ? refusals.push(status.reason) : 0));
      const begin = performance.now();
      transport.start();
      await vi.waitFor(() => expect(refusals.length).toBeGreaterThanOrEqual(4), {
        timeout: 60_000,
        interval: 5,
      });
      const waits = (performance.now() - begin) / 500;
      // Half of the wait is fixed: no more attempts than such waits, over both together.
      expect(near.connections + far.connections).toBeLessThanOrEqual(1 + waits);
      expect(
        refusals.slice(0, 4).map((reason) => servers.findIndex((server) => reason.startsWith(server))),
      ).toEqual([0, 1, 0, 1]);
    });
  });
}

/** Addresses that this client tries in this order: what is put behind them changes only that. */
export function inOrder(clientId: string, urls: readonly string[]): readonly string[] {
  for (let attempt = 0; ; attempt++) {
    const all = urls.map((url, at) => `${url}/${attempt}-${at}`);
    if (serverOrder(clientId, all).every((url, at) => url === all[at])) return all;
  }
}
