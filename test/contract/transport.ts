import { afterEach, beforeEach, expect, it } from 'vitest';
import { GoshawkError } from '../../src/base/index.ts';
import type { Message, Transport, Will } from '../../src/protocol/index.ts';
import { topics } from '../../src/protocol/index.ts';
import type { TestBroker } from './brokers.ts';
import { suite } from './suite.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (payload: Uint8Array) => new TextDecoder().decode(payload);
const message = (topic: string, payload: string, more: Partial<Message> = {}): Message => ({
  topic,
  payload: bytes(payload),
  qos: 1,
  retain: false,
  ...more,
});
const will = (delaySeconds: number): Will => ({
  topic: topics.state('d1'),
  payload: bytes('dead'),
  delaySeconds,
});

/** What agent and controller expect of any transport. */
export function describeTransport(name: string, make: () => TestBroker, missing?: string): void {
  suite(`A transport over ${name}`, missing, () => {
    let broker: TestBroker;

    beforeEach(async () => {
      broker = make();
      await broker.start();
    });
    afterEach(() => broker.close());

    async function until(condition: () => boolean, what: string): Promise<void> {
      for (let waited = 0; !condition(); waited += 20) {
        if (waited > 15_000) throw new Error(`Waited in vain until ${what}`);
        await broker.pass(20);
      }
    }

    async function online(transport: Transport): Promise<void> {
      transport.start();
      await until(() => transport.status().state === 'online', 'the client was online');
    }

    function collect(transport: Transport): Message[] {
      const got: Message[] = [];
      transport.onMessage((one) => void got.push(one));
      return got;
    }

    async function controller() {
      const { transport } = await broker.client('controller');
      transport.subscribe('goshawk/1/#', 1);
      const got = collect(transport);
      await online(transport);
      await broker.pass(100);
      return { transport, got };
    }

    const payloads = (got: readonly Message[], topic: string) =>
      got.filter((one) => one.topic === topic).map((one) => text(one.payload));

    it('carries a message with its properties', async () => {
      const { got } = await controller();
      const device = await broker.client('d1');
      await online(device.transport);
      await device.transport.publish(message(topics.events('d1'), 'e1', { contentType: 'application/json' }));
      await until(() => got.length === 1, 'the event arrived');
      expect(got[0]).toMatchObject({ topic: topics.events('d1'), qos: 1, contentType: 'application/json' });
      expect(text(got[0]!.payload)).toBe('e1');
    });

    it('keeps the order of what one client sends', async () => {
      const { got } = await controller();
      const device = await broker.client('d1');
      await online(device.transport);
      const sent = Array.from({ length: 200 }, (_, i) => `m${i}`);
      await Promise.all(sent.map((one) => device.transport.publish(message(topics.metrics('d1'), one))));
      await until(() => got.length === sent.length, 'all arrived');
      expect(payloads(got, topics.metrics('d1'))).toEqual(sent);
    });

    it('gives a listener nothing more before its promise has ended, and then the rest in order', async () => {
      const { transport } = await broker.client('controller');
      transport.subscribe('goshawk/1/#', 1);
      const got: string[] = [];
      let release = () => {};
      transport.onMessage((one) => {
        got.push(text(one.payload));
        if (got.length !== 1) return undefined;
        return new Promise<void>((resolve) => {
          release = resolve;
        });
      });
      await online(transport);
      await broker.pass(100);
      const device = await broker.client('d1');
      await online(device.transport);
      const sent = Array.from({ length: 150 }, (_, i) => `m${i}`);
      await Promise.all(sent.map((one) => device.transport.publish(message(topics.metrics('d1'), one))));
      await until(() => got.length > 0, 'the first arrived');
      await broker.pass(300);
      expect(got).toEqual(['m0']);
      release();
      await until(() => got.length === sent.length, 'all arrived');
      expect(got).toEqual(sent);
    });

    it('gives a retained message to who comes later', async () => {
      const { transport } = await controller();
      await transport.publish(message(topics.desired('d1'), 'generation 1', { retain: true }));
      const device = await broker.client('d1');
      const got = collect(device.transport);
      device.transport.subscribe(topics.desired('d1'), 1);
      await online(device.transport);
      await until(() => got.length > 0, 'the retained message arrived');
      expect(got[0]).toMatchObject({ topic: topics.desired('d1'), retain: true });
      expect(text(got[0]!.payload)).toBe('generation 1');
    });

    it('carries a request and its response, joined by the correlation data', async () => {
      const { transport, got } = await controller();
      const device = await broker.client('d1');
      device.transport.subscribe(topics.call('d1', '#'), 1);
      device.transport.onMessage((request) => {
        const { responseTopic, correlationData } = request;
        if (responseTopic === undefined || correlationData === undefined) return;
        void device.transport.publish(message(responseTopic, 'done', { correlationData }));
      });
      await online(device.transport);
      await broker.pass(100);
      const correlationData = Uint8Array.from([0, 255, 7]);
      await transport.publish(
        message(topics.call('d1', 'describe'), '{}', {
          responseTopic: topics.response('d1'),
          correlationData,
          expirySeconds: 10,
        }),
      );
      await until(() => payloads(got, topics.response('d1')).length === 1, 'the response arrived');
      const response = got.find((one) => one.topic === topics.response('d1'));
      expect([...(response?.correlationData ?? [])]).toEqual([0, 255, 7]);
    });

    it('sends the will of a client that vanished, after its delay and not before', async () => {
      const { got } = await controller();
      const device = await broker.client('d1', { will: will(2) });
      await online(device.transport);
      await device.cut(60_000);
      await broker.pass(1000);
      expect(payloads(got, topics.state('d1'))).toEqual([]);
      await until(() => got.length > 0, 'the will arrived');
      expect(payloads(got, topics.state('d1'))).toEqual(['dead']);
    });

    it('sends no will when the client is back within the delay', async () => {
      const { got } = await controller();
      const device = await broker.client('d1', { will: will(2) });
      await online(device.transport);
      await device.cut(300);
      await until(() => device.transport.status().state !== 'online', 'the cut was noticed');
      await until(() => device.transport.status().state === 'online', 'the device was back');
      await broker.pass(2500);
      expect(payloads(got, topics.state('d1'))).toEqual([]);
    });

    it('sends no will when the client said goodbye', async () => {
      const { got } = await controller();
      const device = await broker.client('d1', { will: will(1) });
      await online(device.transport);
      await device.transport.close();
      await broker.pass(1500);
      expect(payloads(got, topics.state('d1'))).toEqual([]);
      expect(device.transport.status().state).toBe('offline');
    });

    it('drops a message that nobody took within its expiry', async () => {
      const { transport } = await controller();
      const device = await broker.client('d1', { will: will(30) });
      const got = collect(device.transport);
      device.transport.subscribe(topics.call('d1', '#'), 1);
      await online(device.transport);
      await broker.pass(100);
      await device.cut(2500);
      await until(() => device.transport.status().state !== 'online', 'the cut was noticed');
      await broker.pass(100);
      await transport.publish(message(topics.call('d1', 'preview'), 'short', { expirySeconds: 1 }));
      await transport.publish(message(topics.call('d1', 'ack'), 'long', { expirySeconds: 60 }));
      await until(() => device.transport.status().state === 'online', 'the device was back');
      await until(() => got.length > 0, 'the longer one arrived');
      await broker.pass(100);
      expect(got.map((one) => text(one.payload))).toEqual(['long']);
    });

    it('says refused, with a remedy, when the credentials are wrong', async () => {
      const { transport } = await broker.client('d1', { password: 'wrong' });
      transport.start();
      await until(() => transport.status().state === 'refused', 'the broker refused');
      const status = transport.status();
      expect(status.state === 'refused' && status.remedy).toMatch(/[Cc]heck/);
      await expect(transport.publish(message(topics.state('d1'), 'x'))).rejects.toMatchObject({
        code: 'transport-refused',
      });
    });

    it('rejects what is sent below the root of another device', async () => {
      const { got } = await controller();
      const { transport } = await broker.client('d1');
      await online(transport);
      await expect(transport.publish(message(topics.state('d2'), 'liar'))).rejects.toMatchObject({
        code: 'publish-refused',
      });
      await transport.publish(message(topics.state('d1'), 'honest'));
      await until(() => got.length > 0, 'the honest one arrived');
      expect(got.map((one) => text(one.payload))).toEqual(['honest']);
    });

    it('rejects a publish while it is offline and keeps nothing for later', async () => {
      const { transport } = await broker.client('d1');
      await expect(transport.publish(message(topics.state('d1'), 'early'))).rejects.toBeInstanceOf(
        GoshawkError,
      );
      const { got } = await controller();
      await online(transport);
      await broker.pass(200);
      expect(got).toEqual([]);
    });

    it('is back with its subscriptions after the broker was started again', async () => {
      const device = await broker.client('d1');
      device.transport.subscribe(topics.desired('d1'), 1);
      const got = collect(device.transport);
      const states: string[] = [];
      device.transport.onStatus(({ state }) => states.push(state));
      await online(device.transport);
      await broker.stop();
      await until(() => device.transport.status().state !== 'online', 'the stop was noticed');
      await expect(device.transport.publish(message(topics.state('d1'), 'x'))).rejects.toBeInstanceOf(
        GoshawkError,
      );
      await broker.pass(300);
      await broker.start();
      await until(() => device.transport.status().state === 'online', 'the device was back');
      const { transport } = await controller();
      await broker.pass(100);
      await transport.publish(message(topics.desired('d1'), 'after'));
      await until(() => got.length > 0, 'the message arrived');
      expect(text(got[0]!.payload)).toBe('after');
      expect(states.filter((state) => state === 'online')).toHaveLength(2);
    });

    it('calls no cancelled listener, and none after its end', async () => {
      const { transport } = await controller();
      const device = await broker.client('d1');
      device.transport.subscribe(topics.desired('d1'), 1);
      const got = collect(device.transport);
      const cancelled: Message[] = [];
      const cancel = device.transport.onMessage((one) => void cancelled.push(one));
      await online(device.transport);
      cancel();
      cancel();
      await transport.publish(message(topics.desired('d1'), 'one'));
      await until(() => got.length === 1, 'the message arrived');
      await device.transport.close();
      await device.transport.close();
      await transport.publish(message(topics.desired('d1'), 'two'));
      await broker.pass(200);
      expect(got.map((one) => text(one.payload))).toEqual(['one']);
      expect(cancelled).toEqual([]);
      await expect(device.transport.publish(message(topics.state('d1'), 'x'))).rejects.toBeInstanceOf(
        GoshawkError,
      );
      expect(device.transport.status().state).toBe('offline');
    });

    it('matches one level with + and the rest with #', async () => {
      const { transport } = await broker.client('controller');
      transport.subscribe('goshawk/1/+/events', 1);
      transport.subscribe('goshawk/1/d1/preview/#', 0);
      const got = collect(transport);
      await online(transport);
      await broker.pass(100);
      const device = await broker.client('d1');
      await online(device.transport);
      for (const topic of [topics.metrics('d1'), topics.preview('d1', 'front'), topics.events('d1')])
        await device.transport.publish(message(topic, topic));
      await until(() => got.length >= 2, 'both arrived');
      await broker.pass(100);
      expect(got.map(({ topic }) => topic).sort()).toEqual([
        topics.events('d1'),
        topics.preview('d1', 'front'),
      ]);
    });
  });
}
