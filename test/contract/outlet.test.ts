import { MissingError, silentLog } from '../../src/base/index.ts';
import {
  BroadcastOutlet,
  FleetOutlet,
  MqttOutlet,
  RecordingOutlet,
  StreamTopics,
  WebhookOutlet,
} from '../../src/streams/index.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeBroker, FakeTransport } from '../fakes/fake-transport.ts';
import { describeOutlet } from './outlet.ts';

const log = silentLog;
const sequenceOf = (text: string) => (JSON.parse(text) as { sequence: number }).sequence;

/** A receiver in memory: it takes, hangs, or fails. */
function memory() {
  const clock = new FakeClock();
  const received: number[] = [];
  let state: 'takes' | 'hangs' | 'fails' = 'takes';
  return {
    clock,
    async take(...texts: readonly string[]) {
      if (state === 'hangs') await new Promise(() => {});
      if (state === 'fails') throw new MissingError('away', 'Nobody is there.', 'Wait.');
      received.push(...texts.map(sequenceOf));
    },
    test: {
      received: () => received,
      hang: () => {
        state = 'hangs';
      },
      fail: () => {
        state = 'fails';
      },
      pass: (ms: number) => clock.pass(ms),
      close: async () => {},
    },
  };
}

describeOutlet('MQTT', async (counts) => {
  const { clock, take, test } = memory();
  const broker = new FakeBroker(clock);
  const transport = new FakeTransport(broker, 'd1');
  const text = (payload: Uint8Array) => new TextDecoder().decode(payload);
  const publish = transport.publish.bind(transport);
  transport.publish = async (message) => {
    await take(text(message.payload));
    await publish(message);
  };
  const topics = new StreamTopics('yard/{camera}');
  const outlet = new MqttOutlet({ transport, topics, counts, clock, log });
  await outlet.open();
  await clock.pass(10);
  return { ...test, outlet };
});

describeOutlet('the fleet', async (counts) => {
  const { clock, take, test } = memory();
  const publish = (_camera: string, text: string) => take(text);
  return { ...test, outlet: new FleetOutlet({ publish, maxMessageBytes: 10_000, counts, clock, log }) };
});

describeOutlet('a webhook', async (counts) => {
  const { clock, take, test } = memory();
  const outlet = new WebhookOutlet({
    ...{ stream: 's', device: 'd1', batch: 100, queue: 1_000, everySeconds: 1, counts, clock, log },
    ...{ newId: () => 'id', random: () => 1 },
    post: (body) => {
      const { results } = JSON.parse(body) as { results: unknown[] };
      return take(...results.map((one) => JSON.stringify(one)));
    },
  });
  return { ...test, outlet };
});

describeOutlet('a recording', async (counts) => {
  const { clock, take, test } = memory();
  const outlet = new RecordingOutlet({
    ...{ pictures: { fps: 0, maxWidth: 640 }, counts, clock, log },
    recorder: {
      write: (messages) =>
        take(...messages.filter(({ channel }) => channel === 'results').map(({ text }) => text)),
      close: async () => {},
    },
  });
  return { ...test, outlet };
});

describeOutlet('a program', async (counts) => {
  const { clock, take, test } = memory();
  const outlet = new BroadcastOutlet({
    ...{ pictures: { fps: 0, maxWidth: 640 }, counts, clock, log },
    hub: { protocol: 'foxglove', add: () => {}, publish: () => {}, wanted: () => false },
    close: async () => {},
  });
  outlet.accept({
    protocol: '',
    send: (data) => take(String(data)),
    onMessage: () => {},
    onEnd: () => {},
    end: () => {},
  });
  return { ...test, outlet };
});
