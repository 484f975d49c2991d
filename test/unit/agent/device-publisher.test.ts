import { beforeEach, describe, expect, it } from 'vitest';
import { DevicePublisher } from '../../../src/agent/device-publisher.ts';
import {
  decodePayload,
  encodePayload,
  type MetricsBatch,
  type Preview,
  topics,
} from '../../../src/protocol/index.ts';
import type { Sending } from '../../../src/telemetry/index.ts';
import { FakeClock, settle } from '../../fakes/fake-clock.ts';
import { FakeBroker, FakeTransport } from '../../fakes/fake-transport.ts';
import { RecordingLog } from '../../fakes/recording-log.ts';

let broker: FakeBroker;
let transport: FakeTransport;
let log: RecordingLog;
let publisher: DevicePublisher;

beforeEach(async () => {
  const clock = new FakeClock();
  broker = new FakeBroker(clock);
  transport = new FakeTransport(broker, 'd1');
  log = new RecordingLog();
  publisher = new DevicePublisher('d1', transport, clock, log);
  transport.start();
  await clock.pass(10);
});

const batch: MetricsBatch = {
  ...{ session: 1, sequence: 4, entry: 9, historical: false },
  samples: [[1_790_000_000_000, 1, 30]],
};
const sending = (change: Partial<Sending>): Sending => ({
  ...{ entry: 9, kind: 'metrics', thinned: 0, late: false },
  payload: encodePayload('metrics', batch),
  ...change,
});
const death = { online: false, session: 1, reason: 'shutdown' } as const;
const picture: Preview = {
  ...{ stampNs: '1', width: 1, height: 1, jpeg: Uint8Array.of(1), detections: [] },
  ...{ model: 'm', version: '1', captureToPublishMs: 1, roles: ['viewer'] },
};

describe('What a device sends', () => {
  it('goes to its topics, what it is retained and the rest not', async () => {
    expect(await publisher.publish('state', death)).toBe(true);
    await publisher.send(sending({}));
    await publisher.send(sending({ kind: 'event' }));
    await publisher.preview('front', picture);
    expect(broker.log.map(({ topic, qos, retain }) => [topic, qos, retain])).toEqual([
      [topics.state('d1'), 1, true],
      [topics.metrics('d1'), 1, false],
      [topics.events('d1'), 1, false],
      [topics.preview('d1', 'front'), 0, false],
    ]);
    expect(broker.log.every(({ contentType }) => contentType !== undefined)).toBe(true);
  });

  it('is sent as it was kept, unless it is only now known that it is late or what was given up before it', async () => {
    const sent = async (change: Partial<Sending>) => {
      await publisher.send(sending(change));
      return broker.log.at(-1)!.payload;
    };
    expect(await sent({})).toEqual(encodePayload('metrics', batch));
    const read = async (change: Partial<Sending>) => decodePayload('metrics', await sent(change), 'x');
    expect(await read({ late: true })).toEqual({ ...batch, historical: true });
    expect(await read({ thinned: 3 })).toEqual({ ...batch, thinned: 3 });
    expect(await read({ late: true, thinned: 3 })).toEqual({ ...batch, historical: true, thinned: 3 });
    const event = Uint8Array.of(1, 2, 3);
    expect(await sent({ kind: 'event', late: true, payload: event })).toEqual(event);
  });

  it('that is an entry of the outbox rejects when it did not leave; what is said again anyway only says so', async () => {
    transport.cut(60_000);
    expect(publisher.online).toBe(false);
    await expect(publisher.send(sending({}))).rejects.toMatchObject({ code: 'transport-offline' });
    expect(await publisher.publish('state', death)).toBe(false);
    // Without a connection that is no news.
    expect([log.at('warn').length, log.at('debug').length]).toEqual([0, 1]);
  });

  it('that is refused although there is a connection is a warning', async () => {
    transport.failPublish = new Error('not authorized');
    expect(await publisher.publish('state', death)).toBe(false);
    expect(log.at('warn')).toHaveLength(1);
  });

  it('of a camera is one picture at a time, and one that is lost holds up none', async () => {
    let release = () => {};
    transport.publish = () =>
      new Promise((_, reject) => {
        release = () => reject(new Error('gone'));
      });
    void publisher.preview('front', picture);
    await settle();
    expect(publisher.previewUnderWay('front')).toBe(true);
    expect(publisher.previewUnderWay('rear')).toBe(false);
    release();
    await settle();
    expect(publisher.previewUnderWay('front')).toBe(false);
  });
});
