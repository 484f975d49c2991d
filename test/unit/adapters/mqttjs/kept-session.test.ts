import type { Socket } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { MqttjsTransport } from '../../../../src/adapters/mqttjs/index.ts';
import { SystemClock } from '../../../../src/adapters/system/index.ts';
import { silentLog } from '../../../../src/base/index.ts';
import { inOrder } from '../../../contract/several-servers.ts';
import { Stranger, welcome } from '../../../contract/stranger.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

/** Clean Start of a CONNECT (MQTT 5, 3.1.2.4). */
function isClean(packet: Uint8Array): boolean {
  const lengthEnds = packet.findIndex((byte, at) => at > 0 && byte < 128);
  return ((packet[lengthEnds + 8] ?? 0) & 2) !== 0;
}

async function connected(nodes: number, deny: (socket: Socket) => void = () => {}) {
  const seen: boolean[] = [];
  const cluster = Array.from(
    { length: nodes },
    () =>
      // As RabbitMQ, where the session is on a node that is down.
      new Stranger((socket) =>
        socket.once('data', (packet) => {
          seen.push(isClean(packet));
          if (isClean(packet)) socket.write(welcome);
          else deny(socket);
        }),
      ),
  );
  for (const node of cluster) await node.listen();
  open.push(...cluster);
  const [url = '', ...servers] = cluster.map(({ port }) => `mqtt://127.0.0.1:${port}`);
  return { seen, transport: started({ url, servers }) };
}

function started(to: { readonly url: string; readonly servers: readonly string[] }) {
  const transport = new MqttjsTransport(
    {
      ...{ ...to, clientId: 'd1', connectTimeoutMs: 300, backoff: { firstMs: 10, maxMs: 20 } },
      will: { topic: 'goshawk/1/d1/state', payload: new Uint8Array([1]), delaySeconds: 5 },
    },
    { clock: new SystemClock(), log: silentLog, random: Math.random },
  );
  open.push(transport);
  transport.start();
  return transport;
}

it('a session that a cluster can’t open is ended, so that the device gets in', async () => {
  const { seen, transport } = await connected(2);
  await vi.waitFor(() => expect(transport.status().state).toBe('online'), { timeout: 60_000 });
  expect(seen).toEqual([false, true]);
});

it('so is one that no node opens, after all were asked: RabbitMQ closes where the node of the session was stopped', async () => {
  const { seen, transport } = await connected(3, (socket) => socket.end());
  await vi.waitFor(() => expect(transport.status().state).toBe('online'), { timeout: 60_000 });
  expect(seen).toEqual([false, false, false, true]);
});

it('a session is kept where one node closes and another one answers', async () => {
  const first = new Stranger((socket) => socket.once('data', () => socket.end()));
  const clean: boolean[] = [];
  const second = new Stranger((socket) =>
    socket.once('data', (packet) => {
      clean.push(isClean(packet));
      socket.write(welcome);
    }),
  );
  for (const one of [first, second]) await one.listen();
  open.push(first, second);
  const [url = '', ...servers] = inOrder(
    'd1',
    [first, second].map(({ port }) => `mqtt://127.0.0.1:${port}`),
  );
  const transport = started({ url, servers });
  await vi.waitFor(() => expect(transport.status().state).toBe('online'), { timeout: 60_000 });
  expect([first.connections, clean]).toEqual([1, [false]]);
});

it('a single broker that does not answer is asked for the session again and again: its will may wait', async () => {
  const { seen, transport } = await connected(1);
  await vi.waitFor(() => expect(seen.length).toBeGreaterThanOrEqual(3), { timeout: 60_000 });
  expect(seen).not.toContain(true);
  expect(transport.status().state).not.toBe('online');
});
