import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodePayload, topics } from '../../../../src/protocol/index.ts';
import { announce } from './device-and-bundle.ts';
import { Served, until } from './serve.ts';

let served: Served;
beforeEach(async () => {
  served = await Served.open();
});
afterEach(() => served.close());

describe('streams', () => {
  /** Reads server-sent events until `enough`. */
  async function read(
    path: string,
    enough: (events: [string, unknown][]) => boolean,
    meanwhile: () => Promise<void>,
  ) {
    const stop = new AbortController();
    const response = await served.fetch(path, 'viewer', { signal: stop.signal });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const events: [string, unknown][] = [];
    const decoder = new TextDecoder();
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        text += decoder.decode(chunk, { stream: true });
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) {
          const match = /^event: (.+)\ndata: (.+)$/s.exec(block);
          if (match !== null) events.push([match[1]!, JSON.parse(match[2]!)]);
        }
        if (enough(events)) return;
      }
    })();
    await meanwhile();
    await reading;
    stop.abort();
    return events;
  }

  test('tell of devices and events as they come', async () => {
    const events = await read(
      '/api/v1/stream',
      (all) => ['fleet', 'device', 'event'].every((name) => all.some(([other]) => other === name)),
      async () => {
        await announce(served, 'a1');
        await served.device.publish({
          topic: topics.events('a1'),
          payload: encodePayload('events', {
            id: 'event-0001',
            entry: 1,
            session: 1,
            timeMs: 1,
            kind: 'camera.lost',
            severity: 'error',
            message: 'Gone.',
          }),
          qos: 1,
          retain: false,
        });
      },
    );
    expect(events.find(([name]) => name === 'event')?.[1]).toMatchObject({
      device: 'a1',
      message: 'Gone.',
      seq: 1,
    });
  });

  test('pictures flow while a viewer is connected, and the device is told when the last one leaves', async () => {
    await announce(served, 'a1');
    const calls: { camera: string; seconds: number }[] = [];
    served.device.onMessage((message) => {
      if (message.topic === topics.call('a1', 'preview'))
        calls.push(JSON.parse(new TextDecoder().decode(message.payload)));
    });
    served.device.subscribe('goshawk/1/+/call/#', 1);
    const events = await read(
      '/api/v1/devices/a1/cameras/front/preview?maxFps=3',
      (all) => all.length > 0,
      async () => {
        await until(() => calls.length > 0);
        const picture = {
          ...{ stampNs: '16', width: 640, height: 480, jpeg: new Uint8Array([0xff, 0xd8]), detections: [] },
          ...{ model: 'm', version: '1', captureToPublishMs: 9 },
        };
        // For admins alone: who watches here is a viewer.
        const plain = { ...picture, privacy: 'plain' as const, roles: ['admin' as const] };
        await served.device.publish({
          topic: topics.preview('a1', 'front'),
          payload: encodePayload('preview', plain),
          qos: 0,
          retain: false,
        });
        await served.device.publish({
          topic: topics.preview('a1', 'front'),
          payload: encodePayload('preview', {
            privacy: 'blurred',
            roles: ['viewer'],
            stampNs: '17',
            width: 640,
            height: 480,
            jpeg: new Uint8Array([0xff, 0xd8]),
            detections: [],
            model: 'm',
            version: '1',
            captureToPublishMs: 9,
          }),
          qos: 0,
          retain: false,
        });
      },
    );
    expect(events[0]).toEqual([
      'frame',
      expect.objectContaining({ jpeg: '/9g=', width: 640, stampNs: '17' }),
    ]);
    expect(calls[0]).toMatchObject({ camera: 'front', maxFps: 3, role: 'viewer' });
    await until(() => served.controller.previews.count === 0);
    await until(() => calls.at(-1)?.seconds === 1);
    expect((await served.fetch('/api/v1/devices/a1/cameras/none/preview', 'viewer')).status).toBe(404);
    // Who watched is known from the first picture on.
    const [entry] = (await served.controller.audit.list({})).entries;
    expect(entry).toMatchObject({ action: 'preview.watch', target: 'a1/front', result: 'ok' });
  });
});
