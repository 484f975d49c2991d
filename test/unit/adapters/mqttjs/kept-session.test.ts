import { afterEach, expect, it, vi } from 'vitest';
import { MqttjsTransport } from '../../../../src/adapters/mqttjs/index.ts';
import { SystemClock } from '../../../../src/adapters/system/index.ts';
import { silentLog } from '../../../../src/base/index.ts';
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

it.each([
  ['keeps its session over a short loss of its broker', 1, [false, false]],
  ['keeps none where it may move to another node, which could not open it', 2, [true, true]],
])('a device %s', async (_, nodes, expected) => {
  const seen: boolean[] = [];
  const cluster = Array.from(
    { length: nodes },
    () =>
      new Stranger((socket) =>
        socket.once('data', (packet) => {
          seen.push(isClean(packet));
          socket.end(welcome);
        }),
      ),
  );
  for (const node of cluster) await node.listen();
  open.push(...cluster);
  const [url = '', ...servers] = cluster.map(({ port }) => `mqtt://127.0.0.1:${port}`);
  const transport = new MqttjsTransport(
    {
      ...{ url, servers, clientId: 'd1', backoff: { firstMs: 10, maxMs: 20 } },
      will: { topic: 'goshawk/1/d1/state', payload: new Uint8Array([1]), delaySeconds: 5 },
    },
    { clock: new SystemClock(), log: silentLog, random: Math.random },
  );
  open.push(transport);
  transport.start();
  await vi.waitFor(() => expect(seen.slice(0, 2)).toEqual(expected), { timeout: 60_000 });
});
