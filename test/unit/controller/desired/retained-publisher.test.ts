import { describe, expect, it } from 'vitest';
import { RetainedPublisher } from '../../../../src/controller/desired/retained-publisher.ts';
import type { Message, Transport } from '../../../../src/protocol/index.ts';
import { settle } from '../../../fakes/fake-clock.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

/** A broker that takes a message when the test says so. */
function slowBroker() {
  const waiting: { message: Message; take(): void; refuse(): void }[] = [];
  let most = 0;
  const transport = {
    publish: (message: Message) =>
      new Promise<void>((resolve, reject) => {
        const leave = () => waiting.splice(waiting.indexOf(entry), 1);
        const entry = {
          message,
          take: () => {
            leave();
            resolve();
          },
          refuse: () => {
            leave();
            reject(new Error('away'));
          },
        };
        waiting.push(entry);
        most = Math.max(most, waiting.length);
      }),
  } as unknown as Transport;
  return { transport, waiting, most: () => most };
}

describe('Retained messages', () => {
  it('go out a few at a time and in order, each told when the broker has it', async () => {
    const { transport, waiting, most } = slowBroker();
    const publisher = new RetainedPublisher(transport, new RecordingLog());
    const done: number[] = [];
    for (let i = 0; i < 200; i++)
      publisher.publish(
        `t/${i}`,
        () => Uint8Array.of(i),
        () => done.push(i),
      );
    while (waiting.length > 0) {
      expect(waiting.every(({ message }) => message.retain && message.qos === 1)).toBe(true);
      waiting[0]!.take();
      await settle();
    }
    expect(most()).toBe(64);
    expect(done).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });

  it('that the broker does not take hold up none, and are not told as done', async () => {
    const { transport, waiting } = slowBroker();
    const log = new RecordingLog();
    const publisher = new RetainedPublisher(transport, log);
    const done: string[] = [];
    for (let i = 0; i < 65; i++)
      publisher.publish(
        `t/${i}`,
        () => new Uint8Array(),
        () => done.push(`t/${i}`),
      );
    for (let i = 0; i < 64; i++) waiting[0]!.refuse();
    await settle();
    waiting[0]!.take();
    await settle();
    expect(done).toEqual(['t/64']);
    expect(log.at('debug')).toHaveLength(64);
  });

  it('of a topic wait as one, the newest, and large ones are made only when their turn comes', async () => {
    const { transport, waiting } = slowBroker();
    const publisher = new RetainedPublisher(transport, new RecordingLog());
    let made = 0;
    for (let turn = 0; turn < 50; turn++)
      for (let i = 0; i < 100; i++)
        publisher.publish(`t/${i}`, () => {
          made += 1;
          return new Uint8Array(256 * 1024).fill(turn);
        });
    expect(made).toBe(8);
    while (waiting.length > 0) {
      waiting[0]!.take();
      await settle();
    }
    expect(made).toBeLessThanOrEqual(108);
  });

  it('that cannot be made are left out, and the next go on', async () => {
    const { transport, waiting } = slowBroker();
    const log = new RecordingLog();
    const publisher = new RetainedPublisher(transport, log);
    publisher.publish('t/0', () => {
      throw new Error('too large');
    });
    publisher.publish('t/1', () => Uint8Array.of(1));
    expect(waiting.map(({ message }) => message.topic)).toEqual(['t/1']);
    expect(log.at('warn')).toHaveLength(1);
  });
});
