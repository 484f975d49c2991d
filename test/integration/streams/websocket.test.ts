import { connect } from 'node:net';
import { type Channel, FoxgloveClient, type MessageData } from '@foxglove/ws-protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { serveWebSocket } from '../../../src/adapters/websocket/index.ts';
import { silentLog } from '../../../src/base/index.ts';
import { checkSettings } from '../../../src/runtime/settings/read.ts';
import { WebSocketStream } from '../../../src/runtime/settings/streams.ts';
import { webSocketStream } from '../../../src/runtime/streams/websocket.ts';
import { busy, ports, sequenceOf, sumOf } from './receivers.ts';

async function open(setting: Record<string, unknown> = {}) {
  const with_ = ports();
  const outlet = await webSocketStream.open(
    checkSettings(WebSocketStream, { port: 0, ...setting }, 'test'),
    with_,
  );
  onTestFinished(() => outlet.close(0));
  const url = String(with_.log.at('info').find(([, fields]) => fields?.url !== undefined)?.[1]?.url);
  let sequence = 0;
  const give = (results: number) => {
    for (let i = 0; i < results; i++) {
      with_.counts.produce();
      outlet.take(busy(sequence++));
    }
  };
  return { outlet, url, give, ...with_ };
}

async function program(url: string, options: { origin?: string; protocol?: string } = {}) {
  const { protocol, ...more } = options;
  const socket = new WebSocket(url, protocol === undefined ? [] : [protocol], more);
  const got: string[] = [];
  socket.on('message', (data) => got.push(String(data)));
  socket.on('error', () => {});
  onTestFinished(() => socket.terminate());
  const opened = await new Promise<boolean>((resolve) => {
    socket.once('open', () => resolve(true));
    socket.once('close', () => resolve(false));
  });
  return { socket, got, opened };
}

/** Foxglove's own client. */
function foxglove(url: string) {
  const socket = new WebSocket(url, [FoxgloveClient.SUPPORTED_SUBPROTOCOL]);
  const client = new FoxgloveClient({ ws: socket as never });
  const channels = new Map<string, Channel>();
  const got: MessageData[] = [];
  client.on('advertise', (all) => {
    for (const channel of all) channels.set(channel.topic, channel);
  });
  client.on('message', (message) => got.push(message));
  onTestFinished(() => client.close());
  return {
    ...{ client, channels, got, socket },
    async subscribe(topic: string) {
      await expect.poll(() => channels.get(topic)).toBeDefined();
      return client.subscribe(channels.get(topic)!.id);
    },
    of: (subscription: number) =>
      got
        .filter(({ subscriptionId }) => subscriptionId === subscription)
        .map(
          ({ data }) =>
            JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString()) as Record<
              string,
              unknown
            >,
        ),
  };
}

describe('Programs that connect', () => {
  it('get each result as JSON; without one it is counted that nobody was there', async () => {
    const { url, give, counts } = await open();
    give(3);
    expect(counts.reading.leftOut).toEqual({ 'no-receiver': 3 });
    const one = await program(url);
    const two = await program(url);
    give(5);
    await expect.poll(() => [one.got.length, two.got.length]).toEqual([5, 5]);
    expect(one.got.map((text) => sequenceOf(Buffer.from(text)))).toEqual([3, 4, 5, 6, 7]);
    expect(counts.reading).toMatchObject({ produced: 13, sent: 10 });
  });

  it('that do not read lose their oldest and hold up nobody', async () => {
    const { url, give, counts, outlet } = await open();
    const quick = await program(url);
    const slow = await program(url);
    slow.socket.pause();
    let given = 0;
    await expect
      .poll(
        () => {
          give(100);
          given += 100;
          return counts.reading.leftOut.slow ?? 0;
        },
        { interval: 20 },
      )
      .toBeGreaterThan(100);
    // What is given in one turn is more than waits; but the quick one comes along between the turns.
    await expect.poll(() => quick.got.length).toBeGreaterThan(given / 2);
    expect(counts.reading.waiting).toBeLessThanOrEqual(130);
    await outlet.close(100);
    expect(counts.reading.waiting).toBe(0);
    expect(sumOf(counts)).toBe(counts.reading.produced);
  });

  it('from a page of another origin are refused, unless the settings name it', async () => {
    const { url, log } = await open({ origins: ['https://app.foxglove.dev'] });
    expect((await program(url, { origin: 'https://evil.example' })).opened).toBe(false);
    expect((await program(url, { origin: 'null' })).opened).toBe(false);
    expect((await program(url, { origin: 'https://app.foxglove.dev' })).opened).toBe(true);
    expect((await program(url)).opened).toBe(true);
    expect(log.at('warn').length).toBe(2);
  });

  it('that say what makes no sense, or too much, do no harm', async () => {
    const { url, give } = await open();
    const good = await program(url);
    const loud = await program(url);
    loud.socket.send(Buffer.alloc(100_000));
    await expect.poll(() => loud.socket.readyState).toBe(WebSocket.CLOSED);
    const strange = await program(url, { protocol: 'foxglove.websocket.v1' });
    for (const text of [
      '{',
      '[]',
      'null',
      '{"op":"subscribe"}',
      '{"op":"subscribe","subscriptions":[null]}',
      '{"op":"x"}',
    ])
      strange.socket.send(text);
    strange.socket.send(Buffer.from([9, 9]));
    const raw = connect(Number(new URL(url).port), '127.0.0.1');
    raw.on('error', () => {});
    raw.resume();
    raw.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
    await new Promise((resolve) => raw.once('close', resolve));
    give(1);
    await expect.poll(() => good.got.length).toBe(1);
  });

  it('are 32 at most', async () => {
    const { url } = await open();
    const all = await Promise.all(Array.from({ length: 33 }, () => program(url)));
    expect(all.filter(({ opened }) => opened)).toHaveLength(32);
  });

  it('that are gone without a word are let go', async () => {
    let ended = false;
    const service = await serveWebSocket({
      ...{ host: '127.0.0.1', port: 0, origins: [], protocol: 'none', log: silentLog, pingMs: 20 },
      accept: (connection) =>
        connection.onEnd(() => {
          ended = true;
        }),
    });
    onTestFinished(() => service.close());
    const alive = await program(service.url);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(ended).toBe(false);
    // It answers no ping.
    alive.socket.pause();
    await expect.poll(() => ended).toBe(true);
  });

  it('get a word where the port is taken', async () => {
    const { url } = await open();
    await expect(open({ port: Number(new URL(url).port) })).rejects.toMatchObject({ code: 'address-taken' });
  });
});

describe('Foxglove', () => {
  it('finds a channel for pictures, boxes and results, and gets what it subscribes to', async () => {
    const { url, give, outlet, counts } = await open();
    const viewer = foxglove(url);
    const results = await viewer.subscribe('/front/results');
    const annotations = await viewer.subscribe('/front/annotations');
    await expect
      .poll(() => {
        give(1);
        return viewer.of(annotations).length;
      })
      .toBeGreaterThan(2);
    expect(viewer.of(results)[0]).toMatchObject({ type: 'frame', camera: 'front' });
    const [first] = viewer.of(annotations);
    expect(first).toMatchObject({ circles: [] });
    expect(first?.points).toHaveLength(20);
    expect(viewer.channels.get('/front/annotations')).toMatchObject({
      ...{ encoding: 'json', schemaEncoding: 'jsonschema', schemaName: 'foxglove.ImageAnnotations' },
    });
    // Pictures are made for who looks.
    expect(outlet.wantsPicture?.('front')).toBeUndefined();
    const image = await viewer.subscribe('/front/image');
    await expect.poll(() => outlet.wantsPicture?.('front')).toEqual({ fps: 5, maxWidth: 640 });
    const jpeg = '/9j/2Q==';
    outlet.picture?.({ camera: 'front', stampNs: 5_000_000_001n, frameId: 'f', jpeg });
    await expect
      .poll(() => viewer.of(image))
      .toEqual([{ timestamp: { sec: 5, nsec: 1 }, frame_id: 'f', data: '/9j/2Q==', format: 'jpeg' }]);
    expect(viewer.got.at(-1)?.timestamp).toBe(5_000_000_001n);
    viewer.client.unsubscribe(image);
    await expect.poll(() => outlet.wantsPicture?.('front')).toBeUndefined();
    await outlet.close(1_000);
    expect(sumOf(counts)).toBe(counts.reading.produced);
  });

  it('that does not read its pictures loses them and holds no memory', async () => {
    const { url, outlet, counts } = await open();
    const viewer = foxglove(url);
    await viewer.subscribe('/front/image');
    await expect.poll(() => outlet.wantsPicture?.('front')).toBeDefined();
    viewer.socket.pause();
    const before = process.memoryUsage.rss();
    const jpeg = 'A'.repeat(266_668);
    for (let i = 0; i < 1_000; i++) {
      outlet.picture?.({ camera: 'front', stampNs: BigInt(i), frameId: 'f', jpeg });
      if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    // They are 270 MB.
    expect(process.memoryUsage.rss() - before).toBeLessThan(150_000_000);
    await outlet.close(100);
    expect(counts.reading).toMatchObject({ produced: 0, waiting: 0 });
  });
});
