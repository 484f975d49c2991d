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
    for (let i = 0; i < 200; i++) publisher.publish(`t/${i}`, Uint8Array.of(i), () => done.push(i));
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
    for (let i = 0; i < 65; i++) publisher.publish(`t/${i}`, new Uint8Array(), () => done.push(`t/${i}`));
    for (let i = 0; i < 64; i++) waiting[0]!.refuse();
    await settle();
    waiting[0]!.take();
    await settle();
    expect(done).toEqual(['t/64']);
    expect(log.at('debug')).toHaveLength(64);
  });
});
