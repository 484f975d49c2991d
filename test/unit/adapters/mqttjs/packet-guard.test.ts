import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MqttjsTransport } from '../../../../src/adapters/mqttjs/index.ts';
import { PacketGuard } from '../../../../src/adapters/mqttjs/packet-guard.ts';
import { SystemClock } from '../../../../src/adapters/system/index.ts';
import { silentLog } from '../../../../src/base/index.ts';

/** A packet of MQTT 5 whose rest, behind its header, is this. */
function packetOf(kind: number, rest: Uint8Array): Uint8Array {
  const length: number[] = [];
  let left = rest.length;
  do {
    length.push((left % 128) | (left >= 128 ? 128 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return Buffer.concat([Buffer.from([kind << 4, ...length]), rest]);
}

/** A message on the topic a, at most once, without properties. */
const packet = (bytes: number) =>
  packetOf(3, Buffer.concat([Buffer.from([0, 1, 0x61, 0]), Buffer.alloc(bytes, 0x62)]));

function pushed(guard: PacketGuard, bytes: Uint8Array, cuts: readonly number[]): void {
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  let from = 0;
  for (const end of ends) {
    guard.push(bytes.subarray(from, end));
    from = end;
  }
}

describe('Packets of a broker', () => {
  it('are taken up to the length that the broker was told, however they are cut', () => {
    const sizes = fc.array(fc.nat({ max: 40_000 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(sizes, fc.array(fc.nat(), { maxLength: 8 }), (payloads, cuts) => {
        const bytes = Buffer.concat(payloads.map(packet));
        // Topic, its length and the length of the properties.
        const largest = Math.max(...payloads) + 4;
        expect(() => pushed(new PacketGuard(largest, () => true), bytes, cuts)).not.toThrow();
        expect(() => pushed(new PacketGuard(largest - 1, () => true), bytes, cuts)).toThrow(
          /above the limit/,
        );
      }),
    );
  });

  it('are taken whole without a subscription, but for messages', () => {
    const guard = new PacketGuard(100, () => false);
    const [pong, ack] = [packetOf(13, Buffer.alloc(0)), packetOf(4, Buffer.from([0, 7]))];
    expect(() => guard.push(Buffer.concat([pong, ack, pong]))).not.toThrow();
    expect(() => guard.push(packet(1))).toThrow(/without a subscription/);
  });
});

describe('A broker of bad will', () => {
  const open: { server?: Server; transport?: MqttjsTransport } = {};
  afterEach(async () => {
    await open.transport?.close();
    open.server?.close();
  });

  async function connected(hostile: Uint8Array, filter?: string): Promise<{ readonly ends: () => number }> {
    let ends = 0;
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('close', () => {
        ends += 1;
      });
      socket.once('data', () => socket.write(Buffer.concat([Buffer.from([0x20, 3, 0, 0, 0]), hostile])));
    });
    open.server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const ports = { clock: new SystemClock(), log: silentLog, random: () => 0.5 };
    const transport = new MqttjsTransport({ url, clientId: 'x' }, ports);
    open.transport = transport;
    if (filter !== undefined) transport.subscribe(filter, 0);
    transport.start();
    return { ends: () => ends };
  }

  it.each([
    [
      'that announces a packet of 256 MB',
      Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]),
      'a/#',
      /268435455 bytes/,
    ],
    ['that sends what nobody subscribed to', packet(1), undefined, /without a subscription/],
  ] as const)('%s is left, and the reason is told', async (_, hostile, filter, reason) => {
    const { ends } = await connected(hostile, filter);
    await vi.waitFor(
      () => {
        expect(ends()).toBeGreaterThan(0);
        expect(open.transport!.status()).toMatchObject({
          state: 'offline',
          reason: expect.stringMatching(reason),
        });
      },
      { timeout: 60_000, interval: 5 },
    );
  });
});
