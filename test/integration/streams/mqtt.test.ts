import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startBroker } from '../../../src/adapters/aedes/index.ts';
import { MqttjsTransport } from '../../../src/adapters/mqttjs/index.ts';
import { SystemClock } from '../../../src/adapters/system/index.ts';
import { silentLog } from '../../../src/base/index.ts';
import { checkSettings } from '../../../src/runtime/settings/read.ts';
import { MqttStream } from '../../../src/runtime/settings/streams.ts';
import { mqttStream } from '../../../src/runtime/streams/mqtt.ts';
import type { Outlet } from '../../../src/streams/index.ts';
import { answers, freePort } from '../../contract/brokers.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { busy, ports, sequenceOf, sumOf } from './receivers.ts';

const noMosquitto = spawnSync('mosquitto', ['-h']).error !== undefined;

interface TestBroker {
  readonly url: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** An open broker on a port that stays the same. */
async function mosquitto(): Promise<TestBroker> {
  const port = await freePort();
  let child: ChildProcess | undefined;
  return {
    url: `mqtt://127.0.0.1:${port}`,
    start: async () => {
      child = spawn('mosquitto', ['-p', String(port)], { stdio: 'ignore' });
      await vi.waitFor(async () => expect(await answers(port)).toBe(true), 60_000);
    },
    stop: async () => {
      const ended = new Promise((resolve) => child?.once('exit', resolve));
      child?.kill('SIGTERM');
      await ended;
    },
  };
}

async function aedes(): Promise<TestBroker> {
  const port = await freePort();
  let broker: Awaited<ReturnType<typeof startBroker>> | undefined;
  return {
    url: `mqtt://127.0.0.1:${port}`,
    start: async () => {
      broker = await startBroker({ port });
    },
    stop: async () => broker?.close(),
  };
}

async function begin(make: () => Promise<TestBroker>): Promise<TestBroker> {
  const broker = await make();
  await broker.start();
  onTestFinished(() => broker.stop());
  return broker;
}

/** Somebody who listens to everything, over restarts of the broker. */
async function listener(url: string) {
  const transport = new MqttjsTransport(
    { url, clientId: 'listener', backoff: { firstMs: 50, maxMs: 100 } },
    { clock: new SystemClock(), log: silentLog, random: Math.random },
  );
  onTestFinished(() => transport.close());
  const messages: { topic: string; text: string; retain: boolean }[] = [];
  transport.onMessage(({ topic, payload, retain }) => {
    messages.push({ topic, text: String(Buffer.from(payload)), retain });
  });
  transport.subscribe('#', 1);
  transport.start();
  await online(transport);
  return {
    messages,
    transport,
    of: (topic: string) => messages.filter((one) => one.topic === topic).map(({ text }) => text),
    last: (topic: string) => messages.findLast((one) => one.topic === topic)?.text,
  };
}

const online = (transport: MqttjsTransport) =>
  vi.waitFor(() => expect(transport.status().state).toBe('online'), 60_000);

async function open(
  url: string,
  setting: Record<string, unknown> = {},
  more: Parameters<typeof ports>[0] = {},
) {
  const with_ = ports(more);
  const outlet = await mqttStream.open(checkSettings(MqttStream, { url, ...setting }, 'test'), with_);
  return { outlet, ...with_ };
}

const tick = (ms = 1) => new Promise((resolve) => setTimeout(resolve, ms));

/** Gives results until it is so, at the pace of a few cameras. */
async function giveUntil(outlet: Outlet, produce: () => number, done: () => boolean): Promise<void> {
  const limit = Date.now() + 120_000;
  while (!done() && Date.now() < limit) {
    outlet.take(busy(produce()));
    await tick();
  }
  expect(done()).toBe(true);
}

describe.each([
  ['aedes', aedes, false],
  ['Mosquitto', mosquitto, noMosquitto],
])('Results over MQTT, at %s', (_name, make, missing) => {
  describe.skipIf(missing)(missing ? 'skipped: not installed' : 'that is there', () => {
    it('arrive; a broker that is stopped and started costs what is counted as left out', async () => {
      const broker = await begin(make);
      const { messages, transport } = await listener(broker.url);
      const { outlet, counts } = await open(broker.url, { topic: 'yard/{camera}' });
      let sequence = 0;
      const produce = () => {
        counts.produce();
        return sequence++;
      };
      await giveUntil(outlet, produce, () => counts.reading.sent > 200);
      await broker.stop();
      const { offline = 0 } = counts.reading.leftOut;
      await giveUntil(outlet, produce, () => (counts.reading.leftOut.offline ?? 0) > offline + 100);
      await broker.start();
      await online(transport);
      const { sent } = counts.reading;
      await giveUntil(outlet, produce, () => counts.reading.sent > sent + 200);
      await outlet.close(3_000);
      expect(counts.reading).toMatchObject({ produced: sequence, waiting: 0 });
      expect(sumOf(counts)).toBe(sequence);
      const arrived = () =>
        messages
          .filter(({ topic }) => topic === 'yard/front')
          .map(({ text }) => sequenceOf(Buffer.from(text)));
      // With QoS 0 those are lost that a broker had and did not give on when it was stopped, or gave while the listener was away.
      await expect.poll(arrived).toContain(sequence - 1);
      expect(new Set(arrived()).size).toBe(arrived().length);
      expect(arrived().length).toBeLessThanOrEqual(counts.reading.sent);
      expect(arrived().length).toBeGreaterThan(300);
    });

    it('arrive all at least once where that is asked for, over restarts of broker and device', async () => {
      const broker = await begin(make);
      const { messages, transport } = await listener(broker.url);
      const dataDir = temporaryFolder();
      const setting = { topic: 'yard/{camera}', atLeastOnce: true };
      let sequence = 0;
      const give = async (outlet: Outlet, counts: ReturnType<typeof ports>['counts'], results: number) => {
        for (let i = 0; i < results; i++) {
          counts.produce();
          outlet.take(busy(sequence++));
          await tick();
        }
      };
      const first = await open(broker.url, setting, { dataDir });
      await give(first.outlet, first.counts, 50);
      await expect.poll(() => first.counts.reading.sent).toBe(50);
      await broker.stop();
      await give(first.outlet, first.counts, 50);
      await first.outlet.close(100);
      expect(first.counts.reading).toEqual({ produced: 100, sent: 50, leftOut: {}, waiting: 50 });
      await broker.start();
      await online(transport);
      const second = await open(broker.url, setting, { dataDir });
      await give(second.outlet, second.counts, 10);
      await expect
        .poll(() => second.counts.reading, { timeout: 60_000 })
        .toEqual({
          ...{ produced: 60, sent: 60, leftOut: {}, waiting: 0 },
        });
      await second.outlet.close(1_000);
      const arrived = () => new Set(messages.map(({ text }) => sequenceOf(Buffer.from(text))));
      await expect.poll(() => arrived().size).toBe(110);
    });

    it('lose no count where another device has the same client id, and say why the connection ends', async () => {
      const broker = await begin(make);
      const { messages } = await listener(broker.url);
      const twins = await Promise.all(
        ['one', 'other'].map((name) => open(broker.url, { topic: `${name}/{camera}`, clientId: 'twin' })),
      );
      let sequence = 0;
      const disturbed = ({ log }: (typeof twins)[number]) =>
        log.at('warn').filter((line) => JSON.stringify(line).includes('with the client id twin')).length > 0;
      const given = [0, 0];
      const limit = Date.now() + 120_000;
      while (
        (!twins.some(disturbed) || twins.some(({ counts }) => counts.reading.sent < 20)) &&
        Date.now() < limit
      ) {
        for (const [at, { outlet, counts }] of twins.entries()) {
          counts.produce();
          given[at] = (given[at] ?? 0) + 1;
          outlet.take(busy(sequence));
        }
        sequence += 1;
        await tick(5);
      }
      expect(twins.some(disturbed)).toBe(true);
      for (const [at, { outlet, counts, log }] of twins.entries()) {
        await outlet.close(1_000);
        expect(counts.reading).toMatchObject({ produced: given[at], waiting: 0 });
        expect(sumOf(counts)).toBe(given[at]);
        expect(counts.reading.sent).toBeGreaterThanOrEqual(20);
        // They wait longer and longer, in place of throwing each other out as fast as they can.
        expect(log.at('warn').length).toBeLessThan(30);
      }
      const arrived = messages.map(({ topic, text }) => `${topic} ${sequenceOf(Buffer.from(text))}`);
      expect(new Set(arrived).size).toBe(arrived.length);
    });

    it('announce cameras to Home Assistant, retained, and take them back by the will', async () => {
      const broker = await begin(make);
      const { of, last } = await listener(broker.url);
      const setting = { topic: 'yard/{camera}', homeAssistant: true };
      const { outlet } = await open(broker.url, setting);
      outlet.take(busy(0));
      await expect.poll(() => last('yard/front/state')).toBeDefined();
      expect(JSON.parse(last('yard/front/state') ?? '')).toMatchObject({
        ...{ occupied: true, total: 20, counts: { person: 7, car: 13 } },
      });
      await expect.poll(() => last('yard/connection')).toBe('online');
      outlet.camera?.('front', false);
      await expect.poll(() => last('yard/front/availability')).toBe('offline');
      // Whoever comes later gets all of it from the broker.
      const later = await listener(broker.url.replace('127.0.0.1', 'localhost'));
      await expect
        .poll(() => later.last('homeassistant/sensor/goshawk_d1_front/class_person/config'))
        .toBeDefined();
      expect(of('homeassistant/binary_sensor/goshawk_d1_front/occupied/config').length).toBeGreaterThan(0);
      await outlet.close(3_000);
      await expect.poll(() => later.last('yard/connection')).toBe('offline');
    });
  });
});

describe('A broker of bad will', () => {
  it('that accepts no message delays no other stream: the queue is bounded and keeps the newest, and closing ends', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      // CONNACK of MQTT 5, and then nothing is read any more.
      socket.once('data', () => {
        socket.write(Buffer.from([0x20, 3, 0, 0, 0]));
        socket.pause();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const { outlet, counts } = await open(`mqtt://127.0.0.1:${port}`);
    let sequence = 0;
    const produce = () => {
      counts.produce();
      return sequence++;
    };
    await expect
      .poll(
        () => {
          for (let i = 0; i < 200; i++) outlet.take(busy(produce()));
          return counts.reading.leftOut.slow ?? 0;
        },
        { interval: 5 },
      )
      .toBeGreaterThan(500);
    expect(counts.reading.waiting).toBeLessThanOrEqual(65);
    const before = Date.now();
    await outlet.close(100);
    expect(Date.now() - before).toBeLessThan(60_000);
    expect(sumOf(counts)).toBe(sequence);
    expect(counts.reading.waiting).toBe(0);
  });

  it('that refuses the password is told in words without it', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      // Bad user name or password.
      socket.once('data', () => socket.end(Buffer.from([0x20, 3, 0, 0x86, 0])));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const passwordFile = `${temporaryFolder()}/password`;
    writeFileSync(passwordFile, 'hunter2\n', { mode: 0o600 });
    const { outlet, log, counts } = await open(`mqtt://127.0.0.1:${port}`, { username: 'ann', passwordFile });
    await expect.poll(() => log.at('error').length).toBeGreaterThan(0);
    counts.produce();
    outlet.take(busy(0));
    await expect.poll(() => counts.reading.leftOut).toEqual({ offline: 1 });
    await outlet.close(0);
    expect(JSON.stringify(log.lines)).not.toContain('hunter2');
  });
});
